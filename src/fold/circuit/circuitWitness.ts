import { DEGREE } from "../../field/ext.ts";
import { inv } from "../../field/m31.ts";
import { type Blake3Witness, blake3Witness } from "../blake3/witness.ts";
import { type Circuit, COMPRESSION, OP } from "./circuit.ts";
import type { Tensors } from "./circuitFixed.ts";
import { type HashRows, hashRows } from "./hashRows.ts";
import type { RowList } from "./rowList.ts";
import type { CircuitSizes } from "./sizes.ts";

export interface CircuitWitness {
  /** The committed tensors of the trace but the multiplicities. */
  readonly committed: Tensors;
  /** Virtual tensors that are known anyway. */
  readonly derived: Tensors;
  readonly hashes: Readonly<Record<string, Blake3Witness>>;
}

/** Where the `length` words of a tensor go: zeros. */
export type Allocate = (name: string, length: number) => Int32Array;

/**
 * Every row's cells, canonical, from the values of the memory: (cells, 5) words.
 *
 * @param allocate called for each tensor once
 */
export function circuitWitness(
  circuit: Circuit,
  memory: RowList,
  sizes: CircuitSizes,
  allocate: Allocate,
): CircuitWitness {
  const committed: Tensors = new Map();
  const derived: Tensors = new Map();
  const add = (name: string, log: number, count: number, value: (row: number) => number) => {
    const words = allocate(name, 2 ** log);
    for (let row = 0; row < count; row++) words[row] = value(row);
    committed.set(name, words);
  };
  const { ops, lifts, bits } = circuit;
  for (let k = 0; k < DEGREE; k++) {
    add(`memory.${k}`, sizes.logCells, memory.count, (cell) => memory.get(cell, k));
    for (const operand of ["a", "b", "c"] as const)
      add(`op.${operand}.${k}`, sizes.logOps, ops.count, (row) => memory.get(ops.get(row, OP[operand]), k));
  }
  const half = (row: number, k: number) => memory.get(lifts.get(row, 0), k);
  add("lift.low", sizes.logLifts, lifts.count, (row) => half(row, 0));
  add("lift.high", sizes.logLifts, lifts.count, (row) => half(row, 1));
  add("lift.inverse", sizes.logLifts, lifts.count, (row) => {
    const gap = 2 ** 16 + 2 ** 15 - 2 - half(row, 0) - half(row, 1);
    return lifts.get(row, 2) === 1 && gap > 0 ? inverse(gap) : 0;
  });
  add("bits.bit", sizes.logBits + 5, 32 * bits.count, (k) => memory.get(bits.get(k >> 5, 1) + (k & 31), 0));

  const hashes: Record<string, Blake3Witness> = {};
  for (const rows of hashRows(circuit, sizes)) {
    const witness = hashWitness(rows, memory, allocate);
    hashes[rows.name] = witness;
    for (const [name, words] of witness.committed)
      if (!name.endsWith(".parameters")) committed.set(name, words);
    for (const [name, words] of witness.derived) derived.set(name, words);
    if (rows.extended) continue;
    for (const column of ["bit", "place"] as const)
      add(`${rows.name}.${column}`, rows.log, rows.count, (k) => valueRead(rows, memory, k, column));
  }
  return { committed, derived, hashes };
}

/** What compression k reads in one cell. */
function valueRead({ list, from }: HashRows, memory: RowList, k: number, column: "bit" | "place"): number {
  return memory.get(list.get(from + k, COMPRESSION[column]), 0);
}

function hashWitness(rows: HashRows, memory: RowList, allocate: Allocate): Blake3Witness {
  const { name, log, list, from, count } = rows;
  const word = (cell: number) => memory.get(cell, 0) + 2 ** 16 * memory.get(cell, 1);
  const compressions = Array.from({ length: count }, (_, k) => {
    const swapped = valueRead(rows, memory, k, "bit") === 1 ? 8 : 0;
    return {
      cv: Uint32Array.from({ length: 8 }, (_, i) => word(list.get(from + k, COMPRESSION.chaining + i))),
      block: Uint32Array.from({ length: 16 }, (_, i) =>
        word(list.get(from + k, COMPRESSION.message + (i ^ swapped))),
      ),
      counter: list.get(from + k, COMPRESSION.counter),
      blockLength: list.get(from + k, COMPRESSION.length),
      flags: list.get(from + k, COMPRESSION.flags),
    };
  });
  return blake3Witness(name, compressions, log, { limbBits: 16, allocate });
}

/** Of gaps, which are below 2^17 and repeat; 0 where none was wanted yet. */
const inverses = new Int32Array(2 ** 17);

function inverse(gap: number): number {
  if (inverses[gap] === 0) inverses[gap] = inv(gap);
  return inverses[gap];
}
