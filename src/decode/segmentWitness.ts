import type { Air, Tensor } from "../air/air.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { type Sampler, samplingTable } from "../model/sampler.ts";
import { addGreedyWitness } from "./greedyWitness.ts";
import { addMixWitness } from "./mixWitness.ts";
import type { SegmentRows } from "./recorder.ts";
import { traceWitness, type Witness } from "./witness.ts";
import { publicInputs } from "./publicInputs.ts";
import { addSampleWitness } from "./sampleWitness.ts";

/** Keys and values of every position, (block, place, l, kv, p, s) each. */
export interface CarriedContext {
  readonly keys: Int32Array;
  readonly values: Int32Array;
}

/** Every committed tensor of the segment but the multiplicities: the trace, and the context before and after. */
export function segmentWitness(
  model: IntegerModel,
  air: Air,
  rows: SegmentRows,
  contextIn: CarriedContext,
  { promptLength, sampler }: { readonly promptLength: number; readonly sampler?: Sampler },
): Witness {
  const { logs } = air.tensors.get("visible") as Tensor;
  const [logSegment, logBlocks] = logs;
  const [, logVocab] = (air.tensors.get("choice") as Tensor).logs;
  const nextToken = rows.choices[rows.choices.length - 1];
  const statement = { ...rows, nextToken, promptLength, seed: sampler?.seed };
  const inputs = publicInputs(statement, logSegment, logBlocks, logVocab);
  const publicValues = (name: string) => {
    const { source } = air.tensors.get(name) as Tensor;
    if (source.kind !== "public") throw new Error(`rules: expected ${name} to be public`);
    return source.definition.values(inputs);
  };
  const witness = traceWitness(model, air, rows, publicValues("visible"));
  const belowChoice = publicValues("belowChoice");
  if (sampler) {
    const publics = { choice: publicValues("choice"), belowChoice, draw: inputs.draw };
    addSampleWitness(witness, air, rows, samplingTable(sampler, model.config.vocab), publics);
  } else addGreedyWitness(witness, air, rows, belowChoice);
  for (const name of ["keys", "values"] as const) {
    const block = witness.get(`new.${name}`) as Int32Array;
    witness.delete(`new.${name}`);
    const out = contextIn[name].slice();
    out.set(block, (rows.position / 2 ** logSegment) * block.length);
    witness.set(`contextIn.${name}`, contextIn[name]);
    witness.set(`contextOut.${name}`, out);
  }
  const { heads, kvHeads } = model.config;
  addMixWitness(witness, air, heads / kvHeads);
  return witness;
}
