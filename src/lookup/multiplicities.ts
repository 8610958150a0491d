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
    const counts = words(table.multiplicity).fill(0);
    const lookups = air.lookups.filter((lookup) => lookup.table === table);
    const count = isCounter(columns[0]) ? countByPlace : countByKey;
    count(
      columns,
      lookups.map(({ entries }) => entries.map(words)),
      counts,
    );
  }
}

/** Whether the words count up by one, so that a row is found by subtraction. */
function isCounter(words: Uint32Array): boolean {
  for (let row = 1; row < words.length; row++) if (words[row] !== (words[row - 1] + 1) % P) return false;
  return true;
}

type Count = (
  columns: readonly Uint32Array[],
  lookups: readonly (readonly Uint32Array[])[],
  counts: Uint32Array,
) => void;

const countByPlace: Count = ([first, ...others], lookups, counts) => {
  const start = first[0];
  for (const [place, ...rest] of lookups)
    for (let k = 0; k < place.length; k++) {
      const distance = place[k] - start;
      const row = distance < 0 ? distance + P : distance;
      if (row >= first.length) continue;
      let isRow = true;
      for (let c = 0; c < others.length; c++) if (others[c][row] !== rest[c][k]) isRow = false;
      if (isRow) counts[row]++;
    }
};

/** Rows in a hash table of open addressing; of equal rows the first counts. */
const countByKey: Count = (columns, lookups, counts) => {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * counts.length))).fill(-1);
  /** The slot of the row that equals tuple k, or the empty one where it belongs. */
  const find = (tuple: readonly Uint32Array[], k: number): number => {
    let hash = 0;
    for (let c = 0; c < tuple.length; c++) {
      hash = Math.imul(hash ^ tuple[c][k], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const row = slots[slot];
      if (row < 0) return slot;
      let isRow = true;
      for (let c = 0; c < tuple.length; c++) if (columns[c][row] !== tuple[c][k]) isRow = false;
      if (isRow) return slot;
    }
  };
  for (let row = 0; row < counts.length; row++) {
    const slot = find(columns, row);
    if (slots[slot] < 0) slots[slot] = row;
  }
  for (const entries of lookups)
    for (let k = 0; k < entries[0].length; k++) {
      const row = slots[find(entries, k)];
      if (row >= 0) counts[row]++;
    }
};
