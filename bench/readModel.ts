import { readFileSync } from "node:fs";
import { createKernels } from "../src/kernels/createKernels.ts";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { parseLlama2c } from "../src/model/llama2c.ts";
import { quantizeCheckpoint } from "../src/model/quantizeCheckpoint.ts";
import { SMOLLM2_135M, syntheticModel } from "./syntheticModel.ts";

/** The name of the model with the shape of SmolLM2-135M. */
export const SMOLLM2 = "smollm2-135m-shape";

/** @param model "embedded", `SMOLLM2` (synthetic weights), or the path of a llama2.c checkpoint, which is quantized to the capacity */
export async function readModel(model: string, capacity?: number): Promise<IntegerModel> {
  if (model === "embedded") return (await embeddedModel()).model;
  if (model === SMOLLM2) return syntheticModel(SMOLLM2_135M);
  const checkpoint = parseLlama2c(new Uint8Array(readFileSync(model)));
  return quantizeCheckpoint(checkpoint, { kernels: createKernels(), capacity }).model;
}
