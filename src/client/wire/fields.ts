import { WireError } from "./wireError.ts";

/** Reads the fields of an object that may be anything: JSON or a frame. Every failure names the field. */
export class Fields {
  constructor(
    readonly path: string,
    readonly value: Readonly<Record<string, unknown>>,
  ) {}

  /** @throws WireError unless it is a plain object */
  static of(path: string, value: unknown): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
      throw new WireError(`${path}: expected an object, found ${shown(value)}`);
    return new Fields(path, value as Record<string, unknown>);
  }

  get(name: string): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined && this.get(name) !== null;
  }

  wrong(name: string, expected: string): WireError {
    return new WireError(`${this.path}: ${name}: expected ${expected}, found ${shown(this.get(name))}`);
  }

  /** No fields but these. */
  only(names: readonly string[]): void {
    for (const name of Object.keys(this.value))
      if (!names.includes(name))
        throw new WireError(`${this.path}: expected no field ${shown(name)}, found one`);
  }

  object(name: string): Fields {
    return Fields.of(`${this.path}: ${name}`, this.get(name));
  }

  text(name: string, most = Number.POSITIVE_INFINITY): string {
    const found = this.get(name);
    if (typeof found !== "string") throw this.wrong(name, "text");
    if (found.length > most)
      throw new WireError(
        `${this.path}: ${name}: expected at most ${most} characters, found ${found.length}`,
      );
    return found;
  }

  integer(name: string, least: number, most: number): number {
    const found = this.get(name);
    if (!isInteger(found, least, most)) throw this.wrong(name, `an integer in [${least}, ${most}]`);
    return found;
  }

  /** A finite number, at least 0. */
  amount(name: string): number {
    const found = this.get(name);
    if (typeof found !== "number" || !Number.isFinite(found) || found < 0)
      throw this.wrong(name, "a number, at least 0");
    return found;
  }

  flag(name: string): boolean {
    const found = this.get(name);
    if (typeof found !== "boolean") throw this.wrong(name, "true or false");
    return found;
  }

  integers(name: string, most: number): number[] {
    const found = this.get(name);
    if (!Array.isArray(found) || !found.every((value) => isInteger(value, 0, most)))
      throw this.wrong(name, `integers in [0, ${most}]`);
    return [...found];
  }

  bytes(name: string): Uint8Array<ArrayBuffer> {
    const found = this.get(name);
    if (!(found instanceof Uint8Array)) throw this.wrong(name, "bytes");
    return Uint8Array.from(found);
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value {
    const found = this.get(name);
    const value = values.find((each) => each === found);
    if (value === undefined) throw this.wrong(name, values.join(", "));
    return value;
  }
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A value as it may stand in a one-line message. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const text = typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
