/** A JSON object from a file that may hold anything; every failure names file and field. */
export class JsonObject {
  private constructor(
    readonly name: string,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {}

  /** @throws unless the bytes are a JSON object in UTF-8 */
  static parse(name: string, bytes: Uint8Array): JsonObject {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (error) {
      throw new Error(`${name}: expected JSON, found ${error}`);
    }
    if (!isObject(value)) throw new Error(`${name}: expected an object, found ${typeof value}`);
    return new JsonObject(name, value);
  }

  get(key: string): unknown {
    return Object.hasOwn(this.fields, key) ? this.fields[key] : undefined;
  }

  /** A missing or null field takes the fallback, where there is one. */
  number(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    return typeof value === "number" ? value : this.wrong(key, "a number", value);
  }

  text(key: string): string {
    const value = this.get(key);
    return typeof value === "string" ? value : this.wrong(key, "a text", value);
  }

  /** Nothing, if the field is missing or null. */
  object(key: string): JsonObject | undefined {
    const value = this.get(key) ?? undefined;
    if (value === undefined) return undefined;
    return isObject(value)
      ? new JsonObject(`${this.name}: ${key}`, value)
      : this.wrong(key, "an object", value);
  }

  wrong(key: string, expected: string, found: unknown): never {
    const shown = typeof found === "object" ? "an object" : String(found);
    throw new Error(`${this.name}: ${key}: expected ${expected}, found ${shown}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
