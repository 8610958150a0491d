import type { Air, Tensor } from "../air/air.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { addMixWitness } from "./mixWitness.ts";
import type { SegmentRows } from "./recorder.ts";
import { traceWitness, type Witness } from "./witness.ts";
import { publicInputs } from "./publicInputs.ts";

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
  { promptLength }: { readonly promptLength: number },
): Witness {
  const { logs } = air.tensors.get("visible") as Tensor;
  const [logSegment, logBlocks] = logs;
  const [, logVocab] = (air.tensors.get("choice") as Tensor).logs;
  const statement = { ...rows, nextToken: rows.choices[rows.choices.length - 1], promptLength };
  const inputs = publicInputs(statement, logSegment, logBlocks, logVocab);
  const publicValues = (name: string) => {
    const { source } = air.tensors.get(name) as Tensor;
    if (source.kind !== "public") throw new Error(`rules: expected ${name} to be public`);
    return source.definition.values(inputs);
  };
  const publics = { visible: publicValues("visible"), belowChoice: publicValues("belowChoice") };
  const witness = traceWitness(model, air, rows, publics);
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
