import { readFileSync } from "node:fs";
import { createKernels } from "../src/kernels/createKernels.ts";
import type { ModelConfig } from "../src/model/config.ts";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { parseLlama2c } from "../src/model/llama2c.ts";
import { quantizeCheckpoint } from "../src/model/quantizeCheckpoint.ts";
import { syntheticModel } from "./syntheticModel.ts";

/** @param model "embedded", the path of a llama2.c checkpoint, which is quantized to the capacity, or a shape, which gets synthetic weights */
export async function readModel(model: string | ModelConfig, capacity?: number): Promise<IntegerModel> {
  if (model === "embedded") return (await embeddedModel()).model;
  if (typeof model !== "string") return syntheticModel(model);
  const checkpoint = parseLlama2c(new Uint8Array(readFileSync(model)));
  return quantizeCheckpoint(checkpoint, { kernels: createKernels(), capacity }).model;
}
