/**
 * Measures one case in a process of its own, in Bun or Deno: `bun bench/prover.ts '{"model":"embedded",…}'`
 * prints a `Measured` as JSON.
 */
import process from "node:process";
import { type Case, measure } from "./measure.ts";
import { readModel } from "./readModel.ts";

const options = JSON.parse(process.argv[2]) as Case;
console.log(JSON.stringify(measure(await readModel(options.model, options.capacity), options)));
