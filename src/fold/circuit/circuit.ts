import type { CompressionParameters } from "./compression.ts";
import { RowList } from "./rowList.ts";

/**
 * A recorded circuit: which cells every row of every table reads and writes, and the constants of the
 * row. Nothing in it depends on a proof; all of it becomes fixed columns (`circuitAir.ts`).
 *
 * A cell of the memory holds five base values: an extension element, or a 32-bit word as (b0, b1, b2,
 * b3, 0), its bytes from the lowest. Cell 0 holds zero.
 */
export class Circuit {
  /** OP_COLUMNS */
  readonly ops = new RowList(OP_COLUMNS);
  /** word cell, element cell, canonical (0 or 1) */
  readonly lifts = new RowList(3);
  /** word cell, the cell of its lowest bit; the others follow */
  readonly bits = new RowList(2);
  /** COMPRESSION_COLUMNS */
  readonly compressions = new RowList(COMPRESSION_COLUMNS);
  /** Memory cells in use. */
  cells = 0;

  /** Rows by table. */
  counts(): Record<"ops" | "lifts" | "bits" | "compressions" | "cells", number> {
    const { ops, lifts, bits, compressions, cells } = this;
    return {
      ops: ops.count,
      lifts: lifts.count,
      bits: bits.count,
      compressions: compressions.count,
      cells,
    };
  }
}

/**
 * out = product·a·b + left·a + right·b + third·c + (constant): cells a, b, c, out, base coefficients
 * product, left, right, third, and the constant's five coordinates.
 */
export const OP = { a: 0, b: 1, c: 2, out: 3, product: 4, left: 5, right: 6, third: 7, constant: 8 } as const;
export const OP_COLUMNS = 13;

/**
 * One compression: counter, length, flags; the cells of the 8 chaining words; the cells of the 16 message
 * words; what is added to each message word's cell number if the swap bit is 1; the swap bit's cell;
 * the first of 16 output cells in a row.
 *
 * The swap is how Merkle paths choose sides: the memory is read at cell + bit·offset.
 */
export const COMPRESSION = {
  counter: 0,
  length: 1,
  flags: 2,
  chaining: 3,
  message: 11,
  offset: 27,
  bit: 43,
  out: 44,
} as const;
export const COMPRESSION_COLUMNS = 45;

export function parametersOf(circuit: Circuit, row: number): CompressionParameters {
  const { compressions } = circuit;
  return {
    counter: compressions.get(row, COMPRESSION.counter),
    length: compressions.get(row, COMPRESSION.length),
    flags: compressions.get(row, COMPRESSION.flags),
  };
}
