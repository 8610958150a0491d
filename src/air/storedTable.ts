import { P } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Tensor } from "./air.ts";
import type { Packing } from "./packing.ts";

/** A tensor's words as its oracle keeps them: in blocks, and perhaps in a memory of their own. */
export interface StoredTable {
  readonly prover: Prover;
  /** Of the first block. */
  readonly ptr: Ptr;
  readonly packing: Packing;
}

/** The numbers of each block's parts, axis by axis, in the blocks' order. */
export function* partsOf({ axes, blocks }: Packing): Generator<readonly number[]> {
  for (let block = 0; block < blocks; block++) {
    const parts = axes.map(() => 0);
    let rest = block;
    for (let k = axes.length - 1; k >= 0; k--) {
      const { count } = axes[k] as { count: number };
      parts[k] = rest % count;
      rest = Math.floor(rest / count);
    }
    yield parts;
  }
}

/**
 * Adds a block of canonical words, (planes, 2^low of each axis), to its place in (planes, 2^log of each axis): the
 * one of these parts. Sums are modulo p.
 */
export function addBlock(
  to: Uint32Array,
  from: Uint32Array,
  planes: number,
  axes: readonly { readonly log: number; readonly low: number; readonly part: number }[],
): void {
  const toPlane = 2 ** axes.reduce((sum, { log }) => sum + log, 0);
  const fromPlane = 2 ** axes.reduce((sum, { low }) => sum + low, 0);
  const walk = (axis: number, at: number, source: number): void => {
    const { log, low, part } = axes[axis] ?? { log: 0, low: 0, part: 0 };
    const start = at * 2 ** log + part * 2 ** low;
    if (axis < axes.length - 1) {
      for (let index = 0; index < 2 ** low; index++) walk(axis + 1, start + index, source * 2 ** low + index);
      return;
    }
    for (let plane = 0; plane < planes; plane++) {
      const target = plane * toPlane + start;
      const origin = plane * fromPlane + source * 2 ** low;
      for (let k = 0; k < 2 ** low; k++) {
        const sum = (to[target + k] as number) + (from[origin + k] as number);
        to[target + k] = sum >= P ? sum - P : sum;
      }
    }
  };
  walk(0, 0, 0);
}

/** The tensor in full, padding and all, newly allocated in the arena. */
export function unpack({ arena }: Prover, tensor: Tensor, { prover, ptr, packing }: StoredTable): Ptr {
  const size = 2 ** tensor.logSize;
  const table = arena.alloc(size);
  const words = arena.u32(table, size).fill(0);
  const block = 2 ** packing.logBlock;
  let at = ptr;
  for (const parts of partsOf(packing)) {
    addBlock(
      words,
      prover.arena.u32(at, block),
      1,
      packing.axes.map(({ log, low }, k) => ({ log, low, part: parts[k] as number })),
    );
    at += 4 * block;
  }
  return table;
}
