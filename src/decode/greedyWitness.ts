import type { Air, Tensor } from "../air/air.ts";
import type { SegmentRows } from "./recorder.ts";
import type { Witness } from "./witness.ts";

/**
 * top and lead1: how far every logit is below the chosen one.
 *
 * @param belowChoice the public tensor's values (t, v)
 */
export function addGreedyWitness(
  witness: Witness,
  air: Air,
  { tokens, choices, events: { logits } }: SegmentRows,
  belowChoice: ArrayLike<number>,
): void {
  const { logs } = air.tensors.get("lead1") as Tensor;
  const [rows, words] = logs.map((log) => 2 ** log);
  const vocab = logits.length / rows;
  const top = new Int32Array(rows);
  const lead1 = new Int32Array(rows * words);
  witness.set("top", top);
  witness.set("lead1", lead1);
  for (let t = 0; t < tokens.length; t++) {
    top[t] = logits[t * vocab + choices[t]];
    for (let v = 0; v < vocab; v++)
      lead1[t * words + v] = (top[t] - logits[t * vocab + v] - belowChoice[t * words + v]) >> 16;
  }
}
