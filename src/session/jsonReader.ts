import { InputError } from "./inputError.ts";

/** Reads a JSON object that may be anything; every failure names the field. */
export class JsonReader {
  private constructor(
    readonly path: string,
    readonly fields: ReadonlyMap<string, unknown>,
  ) {}

  /** @throws InputError unless the text is a JSON object */
  static parse(name: string, text: string): JsonReader {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InputError(`${name}: expected JSON, found ${shown(text)}`);
    }
    return JsonReader.of(name, value);
  }

  private static of(path: string, value: unknown): JsonReader {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new InputError(`${path}: expected an object, found ${shown(value)}`);
    return new JsonReader(path, new Map(Object.entries(value)));
  }

  wrong(name: string, expected: string, found: unknown): InputError {
    return new InputError(`${this.path}: ${name}: expected ${expected}, found ${shown(found)}`);
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  /** These fields, perhaps the optional ones, and no others. */
  keys(names: readonly string[], optional: readonly string[] = []): void {
    for (const name of names) if (!this.fields.has(name)) throw this.wrong(name, "a value", undefined);
    for (const name of this.fields.keys())
      if (!names.includes(name) && !optional.includes(name))
        throw new InputError(`${this.path}: expected no field ${shown(name)}, found one`);
  }

  object(name: string): JsonReader {
    return JsonReader.of(`${this.path}: ${name}`, this.fields.get(name));
  }

  literal(name: string, expected: string | number): void {
    const found = this.fields.get(name);
    if (found !== expected) throw this.wrong(name, JSON.stringify(expected), found);
  }

  isNull(name: string): boolean {
    return this.fields.get(name) === null;
  }

  integer(name: string, least: number, most: number): number {
    const found = this.fields.get(name);
    if (!isInteger(found, least, most)) throw this.wrong(name, `an integer in [${least}, ${most}]`, found);
    return found;
  }

  number(name: string): number {
    const found = this.fields.get(name);
    if (typeof found !== "number") throw this.wrong(name, "a number", found);
    return found;
  }

  /** `length` integers from 0 to `most`. */
  integers(name: string, length: number, most: number): number[] {
    const found = this.fields.get(name);
    if (
      !Array.isArray(found) ||
      found.length !== length ||
      !found.every((value) => isInteger(value, 0, most))
    )
      throw this.wrong(name, `${length} integers in [0, ${most}]`, found);
    return [...found];
  }

  /** Up to `count` integers from 0 to `most`. */
  integerList(name: string, count: number, most: number): number[] {
    const found = this.fields.get(name);
    if (!isIntegerList(found, count, most))
      throw this.wrong(name, `at most ${count} integers in [0, ${most}]`, found);
    return [...found];
  }

  /** Up to `count` pairs of integers, from 0 to `most`. */
  pairs(name: string, count: number, most: readonly [number, number]): [number, number][] {
    const found = this.fields.get(name);
    const isPair = (pair: unknown): pair is [number, number] =>
      Array.isArray(pair) && pair.length === 2 && most.every((bound, k) => isInteger(pair[k], 0, bound));
    if (!Array.isArray(found) || found.length > count || !found.every(isPair))
      throw this.wrong(name, `at most ${count} pairs of integers up to ${most}`, found);
    return found.map(([first, second]) => [first, second]);
  }

  /** One of these texts. */
  oneOf<Text extends string>(name: string, texts: readonly Text[]): Text {
    const found = this.fields.get(name);
    const known = texts.find((text) => text === found);
    if (known === undefined) throw this.wrong(name, `one of ${texts.join(", ")}`, found);
    return known;
  }

  /** Some of these texts, in this order. */
  someOf<Text extends string>(name: string, texts: readonly Text[]): Text[] {
    const found = this.fields.get(name);
    const known = Array.isArray(found) ? texts.filter((text) => found.includes(text)) : [];
    if (!Array.isArray(found) || found.length !== known.length || known.some((text, k) => text !== found[k]))
      throw this.wrong(name, `some of ${texts.join(", ")}, in this order`, found);
    return known;
  }

  text(name: string, expected: string, isRight: (found: string) => boolean): string {
    const found = this.fields.get(name);
    if (typeof found !== "string" || !isRight(found)) throw this.wrong(name, expected, found);
    return found;
  }
}

function isIntegerList(value: unknown, count: number, most: number): value is number[] {
  return Array.isArray(value) && value.length <= count && value.every((entry) => isInteger(entry, 0, most));
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    !Object.is(value, -0) &&
    value >= least &&
    value <= most
  );
}

/** A value as it may stand in a one-line message. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
