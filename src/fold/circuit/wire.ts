import type { Ext } from "../../field/ext.ts";

/** The number of a memory cell that holds a 32-bit word. */
export type WordCell = number;

/**
 * An extension element of the circuit: scale·(cell) + shift. Additions of constants, negations and
 * scalings cost no row; a constant is a wire of scale 0.
 */
export interface Wire {
  readonly cell: number;
  /** Base field, canonical. */
  readonly scale: number;
  readonly shift: Ext;
}

/** A word's bits as cells, lowest first: what a query index is. */
export type BitCells = readonly number[];
