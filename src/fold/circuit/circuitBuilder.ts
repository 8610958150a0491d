import { eAdd, eBase, eIsZero, eMul, eScale, type Ext, ONE, ZERO } from "../../field/ext.ts";
import { add, fromInteger, mul, P } from "../../field/m31.ts";
import type { Arithmetic } from "../../hash/channel.ts";
import { compress } from "../blake3/compress.ts";
import { Circuit } from "./circuit.ts";
import type { CompressionParameters } from "./compression.ts";
import { RowList } from "./rowList.ts";
import type { BitCells, Wire, WordCell } from "./wire.ts";

/** Where a compression on a Merkle path reads and writes. */
export interface PathPlaces {
  /** A bit's cell: message words 0–7 and 8–15 change places if it is 1. */
  readonly swap?: number;
  readonly end?: PathEnd;
}

/** Digests in consecutive cells, and the number of the one that the output must be, where the guard is 1. */
export interface PathEnd {
  readonly digests: WordCell;
  readonly number: Wire;
  readonly check: string;
}

/**
 * Records a circuit row by row and evaluates it along the way: the values of the cells are the witness.
 * The rows depend on the calls alone, never on the values. A check that fails on the values at hand is
 * noted (`failures`) and recorded all the same.
 */
export class CircuitBuilder implements Arithmetic<Wire> {
  readonly circuit = new Circuit();
  /** (cells, 5) words. */
  readonly memory = new RowList(5);
  /** The checks that the values at hand do not pass, in order. */
  readonly failures: string[] = [];
  /** If set, a 0/1 wire: checks count only where it is 1. */
  guard: Wire | null = null;
  readonly #constants = new Map<string, number>();
  /** The words of cells that hold the same in every run. */
  readonly #constantWords = new Map<WordCell, number>([[0, 0]]);

  /** @param inputs the public inputs, base elements: cells 0, 1, …; the first is 0, their number a power of two */
  constructor(inputs: readonly number[] = [0]) {
    for (const value of inputs) this.#cell(eBase(value));
    // Cell 0 is 0 by a row of its own: every coefficient is 0.
    this.#op(0, 0, 0, [0, 0, 0, 0], ZERO, 0);
    this.circuit.unusedHash = this.circuit.cells;
    for (const word of compress(NOTHING)) this.#cell(halvesOf(word));
  }

  // Values

  valueOf({ cell, scale, shift }: Wire): Ext {
    return eAdd(eScale(this.valueAt(cell), scale), shift);
  }

  valueAt(cell: number): Ext {
    const { memory } = this;
    return [
      memory.get(cell, 0),
      memory.get(cell, 1),
      memory.get(cell, 2),
      memory.get(cell, 3),
      memory.get(cell, 4),
    ];
  }

  wordAt(cell: WordCell): number {
    const [low, high] = this.valueAt(cell);
    return low + 2 ** 16 * high;
  }

  // Inputs

  /** A cell that no row defines: what is checked about it is up to the caller. */
  freeElement(value: Ext): Wire {
    return wireOf(this.#cell(value));
  }

  /**
   * A word that no row defines. That its halves are halves follows from the hash table, so it has to be
   * hashed, or be taken apart into bits.
   */
  freeWord(word: number): WordCell {
    return this.#cell(halvesOf(word));
  }

  constantWord(word: number): WordCell {
    const cell = this.#constantCell(halvesOf(word));
    this.#constantWords.set(cell, word >>> 0);
    return cell;
  }

  // Arithmetic

  constant(value: Ext | number): Wire {
    return { cell: 0, scale: 0, shift: typeof value === "number" ? eBase(fromInteger(value)) : value };
  }

  scale({ cell, scale, shift }: Wire, k: number): Wire {
    const factor = fromInteger(k);
    return { cell, scale: mul(scale, factor), shift: eScale(shift, factor) };
  }

  sub(a: Wire, b: Wire): Wire {
    return this.add(a, this.scale(b, -1));
  }

  add(a: Wire, b: Wire): Wire {
    const shift = eAdd(a.shift, b.shift);
    if (b.scale === 0) return { ...a, shift };
    if (a.scale === 0) return { ...b, shift };
    if (a.cell === b.cell) return { cell: a.cell, scale: add(a.scale, b.scale), shift };
    return wireOf(this.#op(a.cell, b.cell, 0, [0, a.scale, b.scale, 0], shift));
  }

  mul(a: Wire, b: Wire): Wire {
    if (isBaseConstant(a)) return this.scale(b, a.shift[0]);
    if (isBaseConstant(b)) return this.scale(a, b.shift[0]);
    const [x, y] = [this.#withBaseShift(a), this.#withBaseShift(b)];
    const [s, t] = [x.shift[0], y.shift[0]];
    return wireOf(
      this.#op(
        x.cell,
        y.cell,
        0,
        [mul(x.scale, y.scale), mul(x.scale, t), mul(y.scale, s), 0],
        eBase(mul(s, t)),
      ),
    );
  }

  /** The wire's value in a cell of its own. */
  cellOf(wire: Wire): number {
    const { cell, scale, shift } = wire;
    if (scale === 0) return this.#constantCell(shift);
    if (scale === 1 && eIsZero(shift)) return cell;
    return this.#op(cell, 0, 0, [0, scale, 0, 0], shift);
  }

  /** value = 0, where the guard is 1. */
  expectZero(value: Wire, check: string): void {
    const guarded = this.guard ? this.valueOf(this.guard)[0] !== 0 : true;
    if (guarded && !eIsZero(this.valueOf(value))) this.failures.push(check);
    const { guard } = this;
    if (!guard) {
      this.#op(value.cell, 0, 0, [0, value.scale, 0, 0], value.shift, 0);
      return;
    }
    const { cell, scale, shift } = this.#withBaseShift(value);
    const g = this.cellOf(guard);
    this.#op(g, cell, 0, [scale, shift[0], 0, 0], ZERO, 0);
  }

  /** The words are the same, where the guard is 1. */
  expectSameWord(a: WordCell, b: WordCell, check: string): void {
    this.expectZero(this.sub(wireOf(a), wireOf(b)), check);
  }

  // Words

  /** The word mod p as an element; `canonical` also refuses words that are not below p. */
  lift(word: WordCell, canonical: boolean, check = "canonical words"): Wire {
    const value = this.wordAt(word);
    if (canonical && value >= P) this.failures.push(check);
    else if (this.#constantWords.has(word)) return this.constant(value % P);
    const cell = this.#cell(eBase(value % P));
    this.circuit.lifts.push([word, cell, Number(canonical)]);
    return wireOf(cell);
  }

  /** The word's 32 bits, lowest first. */
  bits(word: WordCell): BitCells {
    const value = this.wordAt(word);
    const cells = Array.from({ length: 32 }, (_, k) => this.#cell(eBase((value >>> k) & 1)));
    this.circuit.bits.push([word, cells[0]]);
    return cells;
  }

  /** One BLAKE3 compression: its first 8 output words. */
  compression(
    chaining: readonly WordCell[],
    message: readonly WordCell[],
    parameters: CompressionParameters,
    places: PathPlaces = {},
  ): WordCell[] {
    return this.#compress(chaining, message, parameters, false, places);
  }

  /** One BLAKE3 compression: all 16 output words. */
  extendedCompression(
    chaining: readonly WordCell[],
    message: readonly WordCell[],
    parameters: CompressionParameters,
  ): WordCell[] {
    return this.#compress(chaining, message, parameters, true, {});
  }

  #compress(
    chaining: readonly WordCell[],
    message: readonly WordCell[],
    parameters: CompressionParameters,
    extended: boolean,
    { swap, end }: PathPlaces,
  ): WordCell[] {
    const distance = swap === undefined ? 0 : message[8] - message[0];
    if (swap !== undefined && message.some((cell, k) => cell !== message[k & 8] + (k & 7)))
      throw new Error("circuit: expected digests in consecutive cells");
    const bit = swap === undefined ? 0 : this.valueAt(swap)[0];
    const { counter, length, flags } = parameters;
    const output = compress({
      cv: chaining.map((cell) => this.wordAt(cell)),
      block: message.map((cell, k) => this.wordAt(bit === 1 ? message[(k + 8) % 16] : cell)),
      counter,
      blockLength: length,
      flags,
    });
    const shown = extended ? output : output.subarray(0, 8);
    if (
      swap === undefined &&
      !end &&
      [...chaining, ...message].every((cell) => this.#constantWords.has(cell))
    )
      return Array.from(shown, (word) => this.constantWord(word)); // no row: this is part of the circuit
    const out = Array.from(shown, (word) => this.#cell(halvesOf(word)));
    const place = end ? this.#placeOf(end, out[0], shown) : 0;
    const list = extended ? this.circuit.extended : this.circuit.compressions;
    list.push([
      counter,
      length,
      flags,
      ...chaining,
      ...message,
      swap ?? 0,
      place,
      fromInteger(distance),
      out[0],
    ]);
    return out;
  }

  /** The cell of how far behind `out` the end of a path lies; 0 where the guard is 0. */
  #placeOf({ digests, number, check }: PathEnd, out: WordCell, output: Uint32Array): number {
    const { guard } = this;
    const place = this.add(this.scale(number, 8), this.constant(digests - out));
    if (guard === null || this.valueOf(guard)[0] !== 0) {
      const at = digests + 8 * this.valueOf(number)[0];
      if (output.some((word, k) => word !== this.wordAt(at + k))) this.failures.push(check);
    }
    return this.cellOf(guard ? this.mul(guard, place) : place);
  }

  #withBaseShift(wire: Wire): Wire {
    const [, s1, s2, s3, s4] = wire.shift;
    return s1 === 0 && s2 === 0 && s3 === 0 && s4 === 0 ? wire : wireOf(this.cellOf(wire));
  }

  #constantCell(value: Ext): number {
    if (eIsZero(value)) return 0;
    const key = value.join();
    let cell = this.#constants.get(key);
    if (cell === undefined) {
      cell = this.#op(0, 0, 0, [0, 0, 0, 0], value);
      this.#constants.set(key, cell);
    }
    return cell;
  }

  /** Records a row; `out` is a new cell unless given. */
  #op(
    a: number,
    b: number,
    c: number,
    [product, left, right, third]: readonly [number, number, number, number],
    constant: Ext,
    out?: number,
  ): number {
    let target = out;
    if (target === undefined) {
      let value = constant;
      if (product !== 0) value = eAdd(value, eScale(eMul(this.valueAt(a), this.valueAt(b)), product));
      if (left !== 0) value = eAdd(value, eScale(this.valueAt(a), left));
      if (right !== 0) value = eAdd(value, eScale(this.valueAt(b), right));
      if (third !== 0) value = eAdd(value, eScale(this.valueAt(c), third));
      target = this.#cell(value);
    }
    this.circuit.ops.push([a, b, c, target, product, left, right, third, ...constant]);
    return target;
  }

  #cell(value: Ext): number {
    this.circuit.cells++;
    return this.memory.push(value);
  }
}

/** What unused places of the hash tables hash. */
const NOTHING = {
  cv: new Uint32Array(8),
  block: new Uint32Array(16),
  counter: 0,
  blockLength: 0,
  flags: 0,
};

/** The cell itself as a wire. */
export function wireOf(cell: number): Wire {
  return { cell, scale: 1, shift: ZERO };
}

/** The wire that is 1. */
export const UNIT: Wire = { cell: 0, scale: 0, shift: ONE };

function isBaseConstant({ scale, shift }: Wire): boolean {
  return scale === 0 && shift[1] === 0 && shift[2] === 0 && shift[3] === 0 && shift[4] === 0;
}

function halvesOf(word: number): Ext {
  return [word & 0xffff, word >>> 16, 0, 0, 0];
}
