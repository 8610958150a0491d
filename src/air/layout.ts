import type { Air, Tensor } from "./air.ts";

/** Where the tensors of one oracle lie in its stacked polynomial. */
export interface Layout {
  readonly oracle: string;
  /** Element offsets, multiples of the tensor's size, in decreasing order of size. */
  readonly places: readonly { readonly tensor: Tensor; readonly offset: number }[];
  /** Cells in use; the rest up to 2^logSize is zero. */
  readonly cells: number;
  readonly logSize: number;
}

/** Stacks the oracle's tensors as aligned subcubes, largest first (ties: order of declaration). */
export function layoutOf(air: Air, oracle: string): Layout {
  const tensors = [...air.tensors.values()]
    .filter(({ source }) => source.kind === "committed" && source.oracle === oracle)
    .sort((a, b) => b.logSize - a.logSize);
  let cells = 0;
  const places = tensors.map((tensor) => {
    const offset = cells;
    cells += 2 ** tensor.logSize;
    return { tensor, offset };
  });
  return { oracle, places, cells, logSize: Math.ceil(Math.log2(Math.max(1, cells))) };
}
