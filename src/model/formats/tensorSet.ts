import { bytesOf, ELEMENT_TYPES } from "./elementTypes.ts";
import type { RandomAccess } from "./randomAccess.ts";

/** Where a tensor lies in its file, as the file says. */
export interface TensorEntry {
  readonly name: string;
  /** One of `ELEMENT_TYPES`. */
  readonly type: string;
  /** Row-major, the last dimension's numbers side by side. */
  readonly shape: readonly number[];
  /** Bytes of the file: [start, end) */
  readonly start: number;
  readonly end: number;
}

const MAX_NAME = 256;
const MAX_RANK = 4;
const MAX_NUMBERS = 2 ** 40;

/** The tensors of a checkpoint, whatever its format and over however many files. */
export class TensorSet {
  readonly #tensors = new Map<string, { entry: TensorEntry; file: RandomAccess }>();

  /**
   * Adds the tensors of one file, which take its bytes from `dataStart` on.
   *
   * @throws unless every type is known, every size is what type and shape say, and nothing overlaps
   */
  add(file: RandomAccess, entries: readonly TensorEntry[], dataStart: number): void {
    for (const entry of entries) {
      checkEntry(file, entry, dataStart);
      const { name } = entry;
      if (this.#tensors.has(name)) throw fail(file, name, "one tensor of this name", "two");
      this.#tensors.set(name, { entry, file });
    }
    // an empty tensor overlaps nothing, wherever it lies
    const inOrder = entries.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start);
    inOrder.forEach((entry, i) => {
      const before = inOrder[i - 1];
      if (before && before.end > entry.start)
        throw fail(file, entry.name, `to begin after ${before.name} at ${before.end}`, `${entry.start}`);
    });
  }

  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The shape of a tensor, outermost dimension first. @throws if there is none of this name */
  shapeOf(name: string): readonly number[] {
    return this.#find(name).entry.shape;
  }

  /** @throws unless there is such a tensor, of this shape and of a type that weights come in */
  expect(name: string, shape: readonly number[]): void {
    const { entry, file } = this.#find(name);
    if (entry.shape.length !== shape.length || entry.shape.some((size, i) => size !== shape[i]))
      throw fail(file, name, `the shape [${shape}]`, `[${entry.shape}]`);
    if (!ELEMENT_TYPES[entry.type]!.decode)
      throw fail(file, name, `one of the types ${DECODED.join(", ")}`, entry.type);
  }

  /** A tensor's numbers. @throws as `expect`, and unless all of them are finite */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    this.expect(name, shape);
    const { entry, file } = this.#find(name);
    const bytes = await file.read(entry.start, entry.end - entry.start);
    if (bytes.length !== entry.end - entry.start)
      throw fail(file, name, `${entry.end - entry.start} bytes`, `${bytes.length}`);
    const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
    ELEMENT_TYPES[entry.type]!.decode!(bytes, numbers);
    const wrong = numbers.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw fail(file, name, "finite numbers", `${numbers[wrong]} at index ${wrong}`);
    return numbers;
  }

  #find(name: string) {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`checkpoint: expected a tensor ${name}, found none`);
    return found;
  }
}

const DECODED = Object.keys(ELEMENT_TYPES).filter((type) => ELEMENT_TYPES[type]!.decode);

function checkEntry(file: RandomAccess, entry: TensorEntry, dataStart: number): void {
  const { name, type, shape, start, end } = entry;
  const expect = (wanted: string, found: string, ok: boolean) => {
    if (!ok) throw fail(file, name.slice(0, MAX_NAME), wanted, found);
  };
  expect(`a name of 1 to ${MAX_NAME} characters`, `${name.length}`, name !== "" && name.length <= MAX_NAME);
  expect("a known type", type, Object.hasOwn(ELEMENT_TYPES, type));
  expect(`at most ${MAX_RANK} dimensions`, `${shape.length}`, shape.length <= MAX_RANK);
  let numbers = 1;
  for (const size of shape) {
    expect("sizes to be integers", `${size}`, Number.isInteger(size) && size >= 0);
    numbers *= size;
    expect(`at most ${MAX_NUMBERS} numbers`, `${numbers}`, numbers <= MAX_NUMBERS);
  }
  const { block } = ELEMENT_TYPES[type]!;
  const width = shape.at(-1) ?? 1;
  expect(`rows of whole blocks of ${block}`, `${width} numbers`, width % block === 0);
  expect(
    `offsets in [${dataStart}, ${file.size}], the file's data`,
    `[${start}, ${end})`,
    Number.isInteger(start) &&
      Number.isInteger(end) &&
      start >= dataStart &&
      end >= start &&
      end <= file.size,
  );
  const size = bytesOf(type, shape);
  expect(`${size} bytes, as type and shape say`, `${end - start}`, end - start === size);
}

function fail(file: RandomAccess, tensor: string, expected: string, found: string): Error {
  return new Error(`${file.name}: tensor ${tensor}: expected ${expected}, found ${found}`);
}
