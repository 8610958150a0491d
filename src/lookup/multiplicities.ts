import type { Air, Tensor } from "../air/air.ts";
import { P } from "../field/m31.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";

/**
 * Counts how often each table row is looked up and writes the counts into the multiplicity tensors.
 * Tuples that are in no table are not counted: then no proof will verify.
 */
export function countMultiplicities(arena: Arena, air: Air, tables: ReadonlyMap<Tensor, Ptr>): void {
  const words = (tensor: Tensor) => arena.u32(tables.get(tensor) as Ptr, 2 ** tensor.logSize);
  for (const table of air.tables) {
    const columns = table.columns.map(words);
    const rowOf = rowFinder(columns);
    const counts = words(table.multiplicity).fill(0);
    for (const lookup of air.lookups) {
      if (lookup.table !== table) continue;
      const entries = lookup.entries.map(words);
      for (let k = 0; k < entries[0].length; k++) {
        const row = rowOf(entries, k);
        if (row !== undefined) counts[row]++;
      }
    }
  }
}

type RowFinder = (entries: readonly Uint32Array[], k: number) => number | undefined;

/** Rows are found by subtraction if the first column counts up, by a dictionary if not. */
function rowFinder(columns: readonly Uint32Array[]): RowFinder {
  const [first, ...others] = columns;
  const start = first[0];
  if (first.every((word, row) => word === (start + row) % P))
    return (entries, k) => {
      const row = (entries[0][k] - start + P) % P;
      const found = row < first.length && others.every((column, c) => column[row] === entries[c + 1][k]);
      return found ? row : undefined;
    };
  const key = (tuple: readonly Uint32Array[], k: number) => tuple.map((column) => column[k]).join();
  const rows = new Map<string, number>();
  for (let row = first.length - 1; row >= 0; row--) rows.set(key(columns, row), row);
  return (entries, k) => rows.get(key(entries, k));
}
