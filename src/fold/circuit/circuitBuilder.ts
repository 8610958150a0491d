import { eAdd, eBase, eIsZero, eMul, eScale, type Ext, ONE, ZERO } from "../../field/ext.ts";
import { add, fromInteger, mul, P } from "../../field/m31.ts";
import type { Arithmetic } from "../../hash/channel.ts";
import { compress } from "../../hash/compress.ts";
import { Circuit, COMPRESSION, OP } from "./circuit.ts";
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
  /** The cells of words that were constants before. */
  readonly #cellsOfWords = new Map<number, WordCell>();

  /** @param inputs the public inputs, base elements: cells 0, 1, …; the first is 0, their number a power of two */
  constructor(inputs: readonly number[] = [0]) {
    for (const value of inputs) this.#base(value);
    // Cell 0 is 0 by a row of its own: every coefficient is 0.
    this.#row(0, 0, 0, 0, 0, ZERO, 0);
    this.circuit.unusedHash = this.circuit.cells;
    compress(output, chain.fill(0), block, 0, 0, 0, 0, 0);
    this.#words(output, 16);
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
    return this.memory.get(cell, 0) + 2 ** 16 * this.memory.get(cell, 1);
  }

  // Inputs

  /** A cell that no row defines: what is checked about it is up to the caller. */
  freeElement(value: Ext): Wire {
    const cell = this.#cell();
    for (let k = 0; k < 5; k++) this.memory.set(cell, k, value[k]);
    return wireOf(cell);
  }

  /**
   * A word that no row defines. That its halves are halves follows from the hash table, so it has to be
   * hashed, or be taken apart into bits.
   */
  freeWord(word: number): WordCell {
    return this.#word(word);
  }

  constantWord(word: number): WordCell {
    let cell = this.#cellsOfWords.get(word >>> 0);
    if (cell === undefined) {
      cell = this.#constantCell([word & 0xffff, word >>> 16, 0, 0, 0]);
      this.#cellsOfWords.set(word >>> 0, cell);
      this.#constantWords.set(cell, word >>> 0);
    }
    return cell;
  }

  // Arithmetic

  constant(value: Ext | number): Wire {
    return { cell: 0, scale: 0, shift: typeof value === "number" ? eBase(fromInteger(value)) : value };
  }

  scale({ cell, scale, shift }: Wire, k: number): Wire {
    const factor = fromInteger(k);
    return { cell, scale: mul(scale, factor), shift: shift === ZERO ? ZERO : eScale(shift, factor) };
  }

  sub(a: Wire, b: Wire): Wire {
    return this.add(a, this.scale(b, -1));
  }

  add(a: Wire, b: Wire): Wire {
    const shift = a.shift === ZERO ? b.shift : b.shift === ZERO ? a.shift : eAdd(a.shift, b.shift);
    if (b.scale === 0) return { cell: a.cell, scale: a.scale, shift };
    if (a.scale === 0) return { cell: b.cell, scale: b.scale, shift };
    if (a.cell === b.cell) return { cell: a.cell, scale: add(a.scale, b.scale), shift };
    return wireOf(this.#op(a.cell, b.cell, 0, a.scale, b.scale, shift));
  }

  mul(a: Wire, b: Wire): Wire {
    if (isBaseConstant(a)) return this.scale(b, a.shift[0]);
    if (isBaseConstant(b)) return this.scale(a, b.shift[0]);
    const [x, y] = [this.#withBaseShift(a), this.#withBaseShift(b)];
    const [s, t] = [x.shift[0], y.shift[0]];
    const constant = s === 0 || t === 0 ? ZERO : eBase(mul(s, t));
    return wireOf(
      this.#op(x.cell, y.cell, mul(x.scale, y.scale), mul(x.scale, t), mul(y.scale, s), constant),
    );
  }

  innerProduct(a: readonly Wire[], b: readonly Wire[]): Wire {
    let sum = this.constant(0);
    for (let i = 0; i < Math.min(a.length, b.length); i++) sum = this.add(sum, this.mul(a[i], b[i]));
    return sum;
  }

  /** The wire's value in a cell of its own. */
  cellOf(wire: Wire): number {
    const { cell, scale, shift } = wire;
    if (scale === 0) return this.#constantCell(shift);
    if (scale === 1 && eIsZero(shift)) return cell;
    return this.#op(cell, 0, 0, scale, 0, shift);
  }

  /** value = 0, where the guard is 1. */
  expectZero(value: Wire, check: string): void {
    const guarded = this.guard ? this.valueOf(this.guard)[0] !== 0 : true;
    if (guarded && !eIsZero(this.valueOf(value))) this.failures.push(check);
    const { guard } = this;
    if (!guard) {
      this.#row(value.cell, 0, 0, value.scale, 0, value.shift, 0);
      return;
    }
    const { cell, scale, shift } = this.#withBaseShift(value);
    const g = this.cellOf(guard);
    this.#row(g, cell, scale, shift[0], 0, ZERO, 0);
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
    const cell = this.#base(value % P);
    this.circuit.lifts.push([word, cell, Number(canonical)]);
    return wireOf(cell);
  }

  /** The word's 32 bits, lowest first. */
  bits(word: WordCell): BitCells {
    const value = this.wordAt(word);
    const cells = Array.from({ length: 32 }, (_, k) => this.#base((value >>> k) & 1));
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
    for (let k = 0; k < 8; k++) chain[k] = this.wordAt(chaining[k]);
    for (let k = 0; k < 16; k++) block[k] = this.wordAt(message[bit === 1 ? (k + 8) % 16 : k]);
    compress(output, chain, block, 0, 16, length, counter, flags);
    const shown = extended ? 16 : 8;
    const isConstant = (cell: WordCell) => this.#constantWords.has(cell);
    if (swap === undefined && !end && chaining.every(isConstant) && message.every(isConstant))
      return Array.from(output.slice(0, shown), (word) => this.constantWord(word)); // no row: this is part of the circuit
    const out = this.#words(output, shown);
    const place = end ? this.#placeOf(end, out) : 0;
    const list = extended ? this.circuit.extended : this.circuit.compressions;
    const row = list.append();
    list.set(row, COMPRESSION.counter, counter);
    list.set(row, COMPRESSION.length, length);
    list.set(row, COMPRESSION.flags, flags);
    chaining.forEach((cell, k) => {
      list.set(row, COMPRESSION.chaining + k, cell);
    });
    message.forEach((cell, k) => {
      list.set(row, COMPRESSION.message + k, cell);
    });
    list.set(row, COMPRESSION.bit, swap ?? 0);
    list.set(row, COMPRESSION.place, place);
    list.set(row, COMPRESSION.distance, fromInteger(distance));
    list.set(row, COMPRESSION.out, out);
    return Array.from({ length: shown }, (_, k) => out + k);
  }

  /** The cell of how far behind `out` the end of a path lies; 0 where the guard is 0. */
  #placeOf({ digests, number, check }: PathEnd, out: WordCell): number {
    const { guard } = this;
    const place = this.add(this.scale(number, 8), this.constant(digests - out));
    if (guard === null || this.valueOf(guard)[0] !== 0) {
      const at = digests + 8 * this.valueOf(number)[0];
      for (let k = 0; k < 8; k++)
        if (this.wordAt(out + k) !== this.wordAt(at + k)) {
          this.failures.push(check);
          break;
        }
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
      cell = this.#op(0, 0, 0, 0, 0, value);
      this.#constants.set(key, cell);
    }
    return cell;
  }

  /** Records the row of a new cell: product·a·b + left·a + right·b + constant. */
  #op(a: number, b: number, product: number, left: number, right: number, constant: Ext): number {
    const { memory } = this;
    const ab = product === 0 ? ZERO : eMul(this.valueAt(a), this.valueAt(b));
    const out = this.#cell();
    for (let k = 0; k < 5; k++) {
      let value = constant[k];
      if (product !== 0) value = add(value, times(ab[k], product));
      if (left !== 0) value = add(value, times(memory.get(a, k), left));
      if (right !== 0) value = add(value, times(memory.get(b, k), right));
      memory.set(out, k, value);
    }
    this.#row(a, b, product, left, right, constant, out);
    return out;
  }

  /** Records a row: product·a·b + left·a + right·b + constant = out. */
  #row(a: number, b: number, product: number, left: number, right: number, constant: Ext, out: number): void {
    const { ops } = this.circuit;
    const row = ops.append();
    ops.set(row, OP.a, a);
    ops.set(row, OP.b, b);
    ops.set(row, OP.out, out);
    ops.set(row, OP.product, product);
    ops.set(row, OP.left, left);
    ops.set(row, OP.right, right);
    for (let k = 0; k < 5; k++) ops.set(row, OP.constant + k, constant[k]);
  }

  /** New cells of words, of which the first is returned. */
  #words(words: Uint32Array, count: number): WordCell {
    const first = this.circuit.cells;
    for (let k = 0; k < count; k++) this.#word(words[k]);
    return first;
  }

  #word(word: number): WordCell {
    const cell = this.#base(word & 0xffff);
    this.memory.set(cell, 1, word >>> 16);
    return cell;
  }

  #base(value: number): number {
    const cell = this.#cell();
    this.memory.set(cell, 0, value);
    return cell;
  }

  /** A new cell, 0 so far. */
  #cell(): number {
    this.circuit.cells++;
    return this.memory.append();
  }
}

/** k·value, where k is mostly 1. */
function times(value: number, k: number): number {
  return k === 1 ? value : mul(value, k);
}

/** Of a compression in hand, of every call: objects for each would be most of what a step leaves behind. */
const chain = new Uint32Array(8);
const block = new Uint32Array(16);
const output = new Uint32Array(16);

/** The cell itself as a wire. */
export function wireOf(cell: number): Wire {
  return { cell, scale: 1, shift: ZERO };
}

/** The wire that is 1. */
export const UNIT: Wire = { cell: 0, scale: 0, shift: ONE };

function isBaseConstant({ scale, shift }: Wire): boolean {
  return scale === 0 && shift[1] === 0 && shift[2] === 0 && shift[3] === 0 && shift[4] === 0;
}
