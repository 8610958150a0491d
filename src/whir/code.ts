import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";

/** The code of a committed table, as openings read it. */
export interface Code {
  readonly columns: number;
  /** Writes the words of these rows, each in column order, one row after the other. @throws if they cannot be read */
  read(indices: readonly number[], to: Uint32Array): void;
}

/** The words of these rows, each in column order. */
export function readRows(code: Code, indices: readonly number[]): Uint32Array[] {
  const { columns } = code;
  const words = new Uint32Array(indices.length * columns);
  code.read(indices, words);
  return indices.map((_, k) => words.subarray(k * columns, (k + 1) * columns));
}

/** A code in the arena: (columns, 2^logRows) words, the code of every column. */
export class CodeTable implements Code {
  constructor(
    readonly arena: Arena,
    readonly ptr: Ptr,
    readonly columns: number,
    readonly logRows: number,
  ) {}

  /** Column by column: rows are scattered over all memory. */
  read(indices: readonly number[], to: Uint32Array): void {
    const { columns, logRows } = this;
    const words = this.arena.u32(this.ptr, columns * 2 ** logRows);
    for (let c = 0; c < columns; c++)
      for (let k = 0; k < indices.length; k++)
        to[k * columns + c] = words[c * 2 ** logRows + (indices[k] as number)] as number;
  }
}
