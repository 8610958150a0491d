import type { AirBuilder } from "../../../src/air/air.ts";
import { fromInteger, mul } from "../../../src/field/m31.ts";
import { CELL_TENSORS, type CellTensor } from "../../../src/fold/blake3/keyMaps.ts";
import { addXorRow, addXorSplitRow } from "../../../src/fold/blake3/xorTables.ts";

/** The cells of one compression and its parameters, words mod p. */
export type Cells = Record<CellTensor | "parameters", Int32Array>;

/** One nonzero entry of a public map: key cell, factor. */
type Entry = readonly [to: number, factor: number];

/**
 * The two lookups of one compression, evaluated from the public tensors' values alone: what the air says,
 * without a proof.
 */
export class CellRules {
  /** Entries by tensor and cell: what the cell adds to each key. */
  readonly #maps: Record<"keyA" | "keyC", Record<CellTensor | "parameters", Entry[][]>>;
  readonly #constants: ArrayLike<number>;

  constructor(air: AirBuilder) {
    const values = (name: string) => {
      const { source } = air.get(name);
      if (source.kind !== "public") throw new Error(`expected ${name} to be public`);
      return source.definition.values({});
    };
    const columns = (map: ArrayLike<number>, count: number): Entry[][] =>
      Array.from({ length: count }, (_, from) =>
        Array.from({ length: 512 }, (_, to): Entry => [to, map[count * to + from]]).filter(
          ([, factor]) => factor !== 0,
        ),
      );
    const maps = (key: "keyA" | "keyC") =>
      Object.fromEntries(
        CELL_TENSORS.map((name) => [name, columns(values(`blake3.${key}.${name}`), 512)]),
      ) as Record<CellTensor, Entry[][]>;
    this.#maps = {
      keyA: { ...maps("keyA"), parameters: columns(values("blake3.parameterMap"), 4) },
      keyC: { ...maps("keyC"), parameters: [[], [], [], []] },
    };
    this.#constants = values("blake3.constants");
  }

  keys(cells: Cells): Record<"keyA" | "keyC", Int32Array> {
    const keys = { keyA: new Int32Array(512), keyC: Int32Array.from(this.#constants) };
    for (const key of ["keyA", "keyC"] as const)
      for (const name of Object.keys(cells) as (keyof Cells)[])
        cells[name].forEach((value, from) => {
          this.#add(keys[key], key, name, from, value);
        });
    return keys;
  }

  /** The keys once one cell is changed. */
  keysAfter(keys: Record<"keyA" | "keyC", Int32Array>, name: keyof Cells, cell: number, change: number) {
    const after = { keyA: keys.keyA.slice(), keyC: keys.keyC.slice() };
    this.#add(after.keyA, "keyA", name, cell, change);
    this.#add(after.keyC, "keyC", name, cell, change);
    return after;
  }

  #add(keys: Int32Array, key: "keyA" | "keyC", name: keyof Cells, from: number, value: number): void {
    if (value !== 0)
      for (const [to, factor] of this.#maps[key][name][from])
        keys[to] = fromInteger(keys[to] + mul(factor, fromInteger(value)));
  }

  /** The lookups that find no row, as "A cell" and "C cell". */
  broken(cells: Cells, keys = this.keys(cells)): string[] {
    const broken: string[] = [];
    for (let cell = 0; cell < 512; cell++) {
      if (!rowA(keys.keyA[cell], cells, cell)) broken.push(`A ${cell}`);
      if (!rowC(keys.keyC[cell], cells, cell)) broken.push(`C ${cell}`);
    }
    return broken;
  }

  /**
   * Fills every cell but chaining value, message and parameters with what its lookup asks for, in an order in
   * which keys depend on cells filled before; `forced` cells keep what they have. Null once a key is no row's.
   */
  solve(cells: Cells, forced: (name: CellTensor, cell: number) => boolean): Cells | null {
    const solved = Object.fromEntries(
      Object.entries(cells).map(([name, values]) => [name, values.slice()]),
    ) as Cells;
    const isInput = (cell: number) => cell >= 480 || (cell >= 448 && ((cell >> 2) & 1) === 1);
    for (const name of CELL_TENSORS)
      for (let cell = 0; cell < 512; cell++)
        if (!(isInput(cell) && name.startsWith("sum")) && !forced(name, cell)) solved[name][cell] = 0;
    const keys = this.keys(solved);
    const set = (name: CellTensor, cell: number, value: number) => {
      if (forced(name, cell)) return;
      const change = value - solved[name][cell];
      solved[name][cell] = value;
      this.#add(keys.keyA, "keyA", name, cell, change);
      this.#add(keys.keyC, "keyC", name, cell, change);
    };
    for (let word = 0; word < 128; word++) {
      for (let cell = 4 * word; cell < 4 * word + 4; cell++) {
        if (keys.keyA[cell] >= 2 ** 18) return null;
        const { sum, xor } = addXorRow(keys.keyA[cell]);
        set("sumA", cell, sum);
        set("xorD", cell, xor);
      }
      for (let cell = 4 * word; cell < 4 * word + 4; cell++) {
        if (keys.keyC[cell] >= 2 ** 18) return null;
        const { sum, low, high } = addXorSplitRow(keys.keyC[cell]);
        set("sumC", cell, sum);
        set("low", cell, low);
        set("high", cell, high);
      }
    }
    return solved;
  }
}

function rowA(key: number, { sumA, xorD }: Cells, cell: number): boolean {
  if (key >= 2 ** 18) return false;
  const { sum, xor } = addXorRow(key);
  return sumA[cell] === sum && xorD[cell] === xor;
}

function rowC(key: number, { sumC, low, high }: Cells, cell: number): boolean {
  if (key >= 2 ** 18) return false;
  const row = addXorSplitRow(key);
  return sumC[cell] === row.sum && low[cell] === row.low && high[cell] === row.high;
}
