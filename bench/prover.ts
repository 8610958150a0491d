/**
 * Measures one case in a process of its own, in Bun or Deno: `bun bench/prover.ts '{"model":"embedded",…}'`
 * prints a `Measured` as JSON. A model is "embedded" or the path of a llama2.c checkpoint.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { createKernels } from "../src/kernels/createKernels.ts";
import { parseLlama2c } from "../src/model/llama2c.ts";
import { quantizeCheckpoint } from "../src/model/quantizeCheckpoint.ts";
import { type Case, measure } from "./measure.ts";

async function read({ model, capacity }: Case): Promise<IntegerModel> {
  if (model === "embedded") return (await embeddedModel()).model;
  const checkpoint = parseLlama2c(new Uint8Array(readFileSync(model)));
  return quantizeCheckpoint(checkpoint, { kernels: createKernels(), capacity }).model;
}

const options = JSON.parse(process.argv[2]) as Case;
console.log(JSON.stringify(measure(await read(options), options)));
