import { type Compression, initialState, rotateRight } from "./compress.ts";
import { LOG_CELLS } from "./cellMap.ts";
import { B_UNIT, D_UNIT, HALF_UNIT, LAST, MESSAGE } from "./keyMaps.ts";
import { parameterCells } from "./parameterCells.ts";
import { MESSAGE_OF, STEPS } from "../../hash/schedule.ts";
import { LIMBS } from "./wordMap.ts";

export interface Blake3WitnessOptions {
  /** As for `addBlake3`. */
  readonly limbBits?: 8 | 16;
  /** Where a tensor of `length` words goes, zeros; default: a new array. */
  readonly allocate?: (name: string, length: number) => Int32Array;
}

/** Tensors by name. */
export interface Blake3Witness {
  /** The committed tensors, `parameters` included. */
  readonly committed: Map<string, Int32Array>;
  /** The virtual tensors, as their definitions give them: computed by the way, far quicker than from the definitions. */
  readonly derived: Map<string, Int32Array>;
}

/** The tables of a block of 2^log compressions, the given ones first, then compressions of zeros. */
export function blake3Witness(
  prefix: string,
  compressions: readonly Compression[],
  log: number,
  options: Blake3WitnessOptions = {},
): Blake3Witness {
  const { limbBits = 8, allocate = (_name: string, length: number) => new Int32Array(length) } = options;
  const count = 2 ** log;
  if (compressions.length > count)
    throw new RangeError(`${prefix}: expected at most ${count} compressions, got ${compressions.length}`);
  const committed = new Map<string, Int32Array>();
  const derived = new Map<string, Int32Array>();
  const add = (map: Map<string, Int32Array>, name: string, length: number) => {
    const values = allocate(`${prefix}.${name}`, length);
    map.set(`${prefix}.${name}`, values);
    return values;
  };
  const cells = (map: Map<string, Int32Array>, name: string) => add(map, name, count << LOG_CELLS);
  const tables: CellTables = {
    sumA: cells(committed, "sumA"),
    xorD: cells(committed, "xorD"),
    sumC: cells(committed, "sumC"),
    low: cells(committed, "low"),
    high: cells(committed, "high"),
    keyA: cells(derived, "keyA"),
    keyC: cells(derived, "keyC"),
  };
  add(committed, "parameters", 4 * count).set(parameterCells(compressions, log));
  const limbs = Object.keys(LIMBS[limbBits]);
  const words = limbs.map((limb) => add(derived, `words.${limb}`, 32 * count));
  const extended = limbs.map((limb) => add(derived, `extended.${limb}`, 8 * count));

  const shown = new Uint32Array(40);
  const mask = 2 ** limbBits - 1;
  for (let n = 0; n < count; n++) {
    if (n > compressions.length) {
      repeat(tables, n);
    } else {
      const input = compressions[n] ?? NOTHING;
      fillCells(tables, n << LOG_CELLS, input, shown);
    }
    limbs.forEach((_, k) => {
      for (let slot = 0; slot < 32; slot++) words[k][32 * n + slot] = (shown[slot] >>> (limbBits * k)) & mask;
      for (let slot = 0; slot < 8; slot++)
        extended[k][8 * n + slot] = (shown[32 + slot] >>> (limbBits * k)) & mask;
    });
  }
  return { committed, derived };
}

interface CellTables {
  readonly sumA: Int32Array;
  readonly xorD: Int32Array;
  readonly sumC: Int32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly keyA: Int32Array;
  readonly keyC: Int32Array;
}

const NOTHING: Compression = {
  cv: new Uint32Array(8),
  block: new Uint32Array(16),
  counter: 0,
  blockLength: 0,
  flags: 0,
};

/** The compression before once more. */
function repeat(tables: CellTables, n: number): void {
  const start = n << LOG_CELLS;
  for (const table of Object.values(tables) as Int32Array[])
    table.copyWithin(start, start - 2 ** LOG_CELLS, start);
}

const v = new Uint32Array(16);

/** One compression at cell `base`; `shown` gets chaining value, message and the 16 output words. */
function fillCells(tables: CellTables, base: number, input: Compression, shown: Uint32Array): void {
  initialState(input, v);
  for (let k = 0; k < 8; k++) shown[k] = input.cv[k];
  for (let k = 0; k < 16; k++) shown[8 + k] = input.block[k];

  let cell = base;
  for (let step = 0; step < STEPS; step++) {
    const diagonal = step & 1;
    for (let q = 0; q < 4; q++) {
      const b = 4 + ((q + diagonal) & 3);
      const c = 8 + ((q + 2 * diagonal) & 3);
      const d = 12 + ((q + 3 * diagonal) & 3);
      for (let half = 0; half < 2; half++, cell += 4) {
        const message = shown[8 + MESSAGE_OF[8 * step + 2 * q + half]];
        v[q] = addXor(tables, cell, v[q], v[b], message, v[d]);
        v[d] = rotateRight(v[d] ^ v[q], half === 0 ? 16 : 8);
        v[c] = addXorSplit(tables, cell, half, v[c], v[d], v[b]);
        v[b] = rotateRight(v[b] ^ v[c], half === 0 ? 12 : 7);
      }
    }
  }
  for (let q = 0; q < 4; q++) {
    const at = base + 32 * LAST + 8 * q;
    addXor(tables, at, v[4 + q], 0, 0, v[12 + q]);
    addXorSplit(tables, at, 0, v[q], 0, v[8 + q]);
    addXor(tables, at + 4, shown[4 + q], 0, 0, v[12 + q]);
    addXorSplit(tables, at + 4, 1, shown[q], 0, v[8 + q]);
  }
  for (let k = 0; k < 8; k++) {
    const at = base + 32 * MESSAGE + 4 * k;
    addXor(tables, at, shown[8 + k], 0, 0, 0);
    addXorSplit(tables, at, k & 1, shown[16 + k], 0, 0);
    shown[24 + k] = v[k] ^ v[k + 8];
    shown[32 + k] = v[k + 8] ^ shown[k];
  }
}

/** x + y + z mod 2^32, and the four cells of this sum and its xor with `other`. */
function addXor(tables: CellTables, at: number, x: number, y: number, z: number, other: number): number {
  const { sumA, xorD, keyA } = tables;
  let carry = 0;
  for (let j = 0; j < 4; j++) {
    const shift = 8 * j;
    const s = ((x >>> shift) & 255) + ((y >>> shift) & 255) + ((z >>> shift) & 255) + carry;
    const operand = (other >>> shift) & 255;
    carry = s >>> 8;
    keyA[at + j] = s + D_UNIT * operand;
    sumA[at + j] = s & 255;
    xorD[at + j] = (s & 255) ^ operand;
  }
  return (x + y + z) >>> 0;
}

/** x + y mod 2^32, and the four cells of this sum and its split xor with `other`. */
function addXorSplit(
  tables: CellTables,
  at: number,
  half: number,
  x: number,
  y: number,
  other: number,
): number {
  const { sumC, low, high, keyC } = tables;
  const bits = half === 0 ? 4 : 7;
  let carry = 0;
  for (let j = 0; j < 4; j++) {
    const shift = 8 * j;
    const s = ((x >>> shift) & 255) + ((y >>> shift) & 255) + carry;
    const operand = (other >>> shift) & 255;
    const xor = (s & 255) ^ operand;
    carry = s >>> 8;
    keyC[at + j] = s + B_UNIT * operand + HALF_UNIT * half;
    sumC[at + j] = s & 255;
    low[at + j] = xor & ((1 << bits) - 1);
    high[at + j] = xor >> bits;
  }
  return (x + y) >>> 0;
}
