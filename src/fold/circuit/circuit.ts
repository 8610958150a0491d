import { RowList } from "./rowList.ts";

/**
 * A recorded circuit: which cells every row of every table reads and writes, and the constants of the
 * row. Nothing in it depends on a proof; all of it becomes fixed columns (`circuitAir.ts`).
 *
 * A cell of the memory holds five base values: an extension element, or a 32-bit word as (low, high, 0,
 * 0, 0), its halves of 16 bits. The first cells are the public inputs; cell 0 holds zero.
 */
export class Circuit {
  /** OP_COLUMNS */
  readonly ops = new RowList(OP_COLUMNS);
  /** word cell, element cell, canonical (0 or 1) */
  readonly lifts: RowList;
  /** word cell, the cell of its lowest bit; the others follow */
  readonly bits: RowList;
  /** Compressions that show 8 output words; COMPRESSION_COLUMNS */
  readonly compressions: RowList;
  /** Compressions that show all 16. */
  readonly extended: RowList;
  /** The first of 16 cells with the output of a compression of zeros: what unused places of the hash tables show. */
  unusedHash: number;
  /** Memory cells in use. */
  cells: number;

  /** Empty, or all of another circuit but its operations. */
  constructor(other?: Circuit) {
    this.lifts = other?.lifts ?? new RowList(3);
    this.bits = other?.bits ?? new RowList(2);
    this.compressions = other?.compressions ?? new RowList(COMPRESSION_COLUMNS);
    this.extended = other?.extended ?? new RowList(COMPRESSION_COLUMNS);
    this.unusedHash = other?.unusedHash ?? 0;
    this.cells = other?.cells ?? 0;
  }

  /** Rows by table. */
  counts(): Record<"ops" | "lifts" | "bits" | "compressions" | "extended" | "cells", number> {
    const { ops, lifts, bits, compressions, extended, cells } = this;
    return {
      ops: ops.count,
      lifts: lifts.count,
      bits: bits.count,
      compressions: compressions.count,
      extended: extended.count,
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
 * words; the swap bit's cell; the cell that tells where the output is; how far message words 8–15 lie behind
 * words 0–7; the first output cell.
 *
 * The swap is how Merkle paths choose sides: message word k is read at cell + bit·distance for k < 8, at
 * cell − bit·distance for the others. The place is how they end: the output words are the cells from the first
 * output cell + place on, so that they are a node chosen by an index.
 */
export const COMPRESSION = {
  counter: 0,
  length: 1,
  flags: 2,
  chaining: 3,
  message: 11,
  bit: 27,
  place: 28,
  distance: 29,
  out: 30,
} as const;
export const COMPRESSION_COLUMNS = 31;
