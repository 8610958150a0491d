/**
 * Measures one case in a process of its own, in Bun or Deno: `bun bench/prover.ts '{"model":"embedded",…}'`
 * prints a `Measured` as JSON. A model is "embedded" or a folder with model.bin and tok512.bin.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { loadModel } from "../src/session/loadModel.ts";
import { type Case, measure } from "./measure.ts";

async function read(name: string): Promise<IntegerModel> {
  if (name === "embedded") return (await embeddedModel()).model;
  const files = readdirSync(name);
  const tokenizer = files.find((file) => /^tok.*\.bin$/.test(file));
  const weights = files.find((file) => file.endsWith(".bin") && file !== tokenizer);
  const bytes = (file: string | undefined) => new Uint8Array(readFileSync(`${name}/${file}`));
  return (await loadModel(bytes(weights), bytes(tokenizer))).model;
}

const options = JSON.parse(process.argv[2]) as Case;
console.log(JSON.stringify(measure(await read(options.model), options)));
