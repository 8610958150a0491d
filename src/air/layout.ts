import type { Air, Tensor } from "./air.ts";
import { type Packing, packTensor, wholeTensor } from "./packing.ts";

/** A tensor's place in an oracle: its blocks begin at `offset`, a multiple of their size. */
export interface TensorPlace {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly packing: Packing;
}

/** Where the tensors of one oracle lie in its stacked polynomial. */
export interface Layout {
  readonly oracle: string;
  /** In decreasing order of their blocks' size. */
  readonly places: readonly TensorPlace[];
  /** Cells in use; the rest up to 2^logSize is zero. */
  readonly cells: number;
  readonly logSize: number;
}

/**
 * Stacks the oracle's tensors as aligned blocks, largest first (ties: order of declaration). Tensors of more
 * than `packedFrom` cells are packed; what they leave out must be zero whatever the witness.
 */
export function layoutOf(air: Air, oracle: string, packedFrom = Number.POSITIVE_INFINITY): Layout {
  const tensors = [...air.tensors.values()]
    .filter(({ source }) => source.kind === "committed" && source.oracle === oracle)
    .map((tensor) => ({
      tensor,
      packing: 2 ** tensor.logSize > packedFrom ? packTensor(tensor) : wholeTensor(tensor),
    }))
    .sort((a, b) => b.packing.logBlock - a.packing.logBlock);
  let cells = 0;
  const places = tensors.map(({ tensor, packing }) => {
    const offset = cells;
    cells += packing.blocks * 2 ** packing.logBlock;
    return { tensor, offset, packing };
  });
  return { oracle, places, cells, logSize: Math.ceil(Math.log2(Math.max(1, cells))) };
}
