/**
 * A growing list of rows of `width` u32 words in one flat array: circuits have hundreds of thousands of
 * rows, so no objects for them.
 *
 * @example
 * ```ts
 * import { RowList } from "./rowList.ts";
 * const rows = new RowList(3);
 * rows.push([1, 2, 3]);
 * console.log(rows.count, rows.get(0, 1)); // 1 2
 * ```
 */
export class RowList {
  #words = new Uint32Array(1024);
  #count = 0;

  constructor(readonly width: number) {}

  get count(): number {
    return this.#count;
  }

  /** Appends a row of `width` words and returns its number. */
  push(row: ArrayLike<number>): number {
    const number = this.append();
    for (let k = 0; k < this.width; k++) this.set(number, k, row[k]);
    return number;
  }

  /** Appends a row of zeros and returns its number. */
  append(): number {
    const end = (this.#count + 1) * this.width;
    if (end > this.#words.length) {
      const larger = new Uint32Array(2 * end);
      larger.set(this.#words);
      this.#words = larger;
    }
    return this.#count++;
  }

  get(row: number, column: number): number {
    return this.#words[row * this.width + column];
  }

  set(row: number, column: number, word: number): void {
    this.#words[row * this.width + column] = word;
  }

  /** (count, width) words; valid until the next `push`. */
  words(): Uint32Array {
    return this.#words.subarray(0, this.#count * this.width);
  }
}
