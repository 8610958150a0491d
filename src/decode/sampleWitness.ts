import type { Air, Tensor } from "../air/air.ts";
import { type Draw, DRAW_LIMBS, LOG_KEPT, LOG_LIMB, type SamplingTable, ticketOf } from "../model/sampler.ts";
import type { SegmentRows } from "./recorder.ts";
import type { Witness } from "./witness.ts";

/** The public tensors that the columns depend on, as values. */
export interface SamplePublics {
  /** (t, v) */
  readonly choice: ArrayLike<number>;
  /** (t, v) */
  readonly belowChoice: ArrayLike<number>;
  /** (t, limb) */
  readonly draw: readonly number[];
}

/** The columns of `addSample`. A dead row's logits are 0. */
export function addSampleWitness(
  witness: Witness,
  air: Air,
  { tokens, events: { logits } }: SegmentRows,
  { shift, weights }: SamplingTable,
  { choice, belowChoice, draw }: SamplePublics,
): void {
  const { logs } = air.tensors.get("weight") as Tensor;
  const [rows, words] = logs.map((log) => 2 ** log);
  const vocab = logits.length / rows;
  const column = (name: string, length: number) => {
    const values = new Int32Array(length);
    witness.set(name, values);
    return values;
  };
  const [isTop, step, excess, weight] = ["isTop", "step", "excess", "weight"].map((name) =>
    column(name, rows * words),
  );
  const top = column("top", rows);
  const total = column("total.high", rows);
  const carries = Array.from({ length: DRAW_LIMBS }, (_, k) => column(`product${k}.high`, rows));
  const above = column("ticket.above.high", rows);
  const below = column("ticket.below.high", rows);
  const high = (x: number) => Math.floor(x / 2 ** LOG_LIMB);
  for (let t = 0; t < rows; t++) {
    const row = t < tokens.length ? logits.subarray(t * vocab, (t + 1) * vocab) : new Int32Array(vocab);
    top[t] = row.reduce((a, b) => Math.max(a, b));
    isTop[t * words + row.indexOf(top[t])] = 1;
    let [sum, before, upTo] = [0, 0, 0];
    for (let v = 0; v < words; v++) {
      const cell = t * words + v;
      const steps = v < vocab ? (top[t] - row[v]) >> shift : 0;
      excess[cell] = Math.max(0, (steps >> LOG_KEPT) - 1);
      step[cell] = steps - excess[cell] * 2 ** LOG_KEPT;
      weight[cell] = weights[step[cell]];
      if (v < vocab) sum += weight[cell];
      before += belowChoice[cell] * weight[cell];
      upTo += (belowChoice[cell] + choice[cell]) * weight[cell] - choice[cell];
    }
    total[t] = high(sum);
    const found = ticketOf(sum, draw.slice(t * DRAW_LIMBS, (t + 1) * DRAW_LIMBS) as unknown as Draw);
    found.carries.forEach((carry, k) => {
      carries[k][t] = carry;
    });
    above[t] = high(found.ticket - before);
    below[t] = high(upTo - found.ticket);
  }
}
