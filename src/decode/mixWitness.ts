import type { Air, Tensor } from "../air/air.ts";
import type { Witness } from "./witness.ts";

/**
 * divisor = floor(Σe/8) + 1; o and o.rest from the mix N = Σ e·v, which `o.rest` holds on entry for the
 * real query heads. A padded query head of a real KV head attends evenly to everything visible (its
 * scores are zero), so its N is not zero: it is computed here.
 */
export function addMixWitness(witness: Witness, air: Air, realGroup: number): void {
  const e = witness.get("e") as Int32Array;
  const values = witness.get("contextOut.values") as Int32Array;
  const rest = witness.get("o.rest") as Int32Array;
  const [, layers, kvHeads, group] = (air.tensors.get("max") as Tensor).logs.map((log) => 2 ** log);
  const heads = 2 ** (air.tensors.get("max") as Tensor).logSize;
  const headDim = rest.length / heads;
  const capacity = e.length / heads;
  const divisor = new Int32Array(heads);
  const o = new Int32Array(rest.length);
  witness.set("divisor", divisor);
  witness.set("o", o);
  for (let head = 0; head < heads; head++) {
    const weights = e.subarray(head * capacity, (head + 1) * capacity);
    const out = head * headDim;
    divisor[head] = Math.floor(weights.reduce((sum, weight) => sum + weight, 0) / 8) + 1;
    if (head % group >= realGroup) {
      const kvHead = Math.floor(head / group) % (layers * kvHeads); // (l, kv)
      weights.forEach((weight, position) => {
        const from = (position * layers * kvHeads + kvHead) * headDim;
        if (weight > 0) for (let c = 0; c < headDim; c++) rest[out + c] += weight * values[from + c];
      });
    }
    for (let c = out; c < out + headDim; c++) {
      const total = rest[c] + 4 * divisor[head];
      o[c] = Math.floor(total / (8 * divisor[head]));
      rest[c] = Math.floor((total - 8 * divisor[head] * o[c]) / 8);
    }
  }
}
