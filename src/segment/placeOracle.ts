import type { Layout } from "../air/layout.ts";
import { fromInteger } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";

/** Lays an oracle's tensors out in the arena, 2^logSize words; tensors without values are zero. */
export function placeOracle({ arena }: Prover, layout: Layout, values: ReadonlyMap<string, Int32Array>): Ptr {
  const ptr = arena.alloc(2 ** layout.logSize);
  const words = arena.u32(ptr, 2 ** layout.logSize).fill(0);
  for (const { tensor, offset } of layout.places) {
    const source = values.get(tensor.name);
    if (!source) continue;
    for (let k = 0; k < source.length; k++) words[offset + k] = fromInteger(source[k]);
  }
  return ptr;
}
