import { GGMLQuantizationType, type GGUFParseOutput, gguf as parseGguf } from "@huggingface/gguf";
import { bytesOf } from "./elementTypes.ts";
import type { RandomAccess } from "./randomAccess.ts";
import { TensorSet } from "./tensorSet.ts";

/** What a GGUF file says beside its tensors: numbers, texts, booleans and lists of them. */
export class GgufMetadata {
  constructor(
    readonly file: string,
    readonly values: Readonly<Record<string, unknown>>,
  ) {}

  get(key: string): unknown {
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  number(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    const number = typeof value === "bigint" ? Number(value) : value;
    return typeof number === "number" ? number : this.wrong(key, "a number", value);
  }

  text(key: string): string {
    const value = this.get(key);
    return typeof value === "string" ? value : this.wrong(key, "a text", value);
  }

  texts(key: string): string[] {
    const value = this.get(key);
    const isTexts = Array.isArray(value) && value.every((entry) => typeof entry === "string");
    return isTexts ? value : this.wrong(key, "a list of texts", value);
  }

  numbers(key: string): number[] {
    const value = this.get(key);
    const isNumbers = Array.isArray(value) && value.every((entry) => typeof entry === "number");
    return isNumbers ? value : this.wrong(key, "a list of numbers", value);
  }

  wrong(key: string, expected: string, found: unknown): never {
    const shown = Array.isArray(found) ? "a list" : String(found);
    throw new Error(`${this.file}: ${key}: expected ${expected}, found ${shown}`);
  }
}

const MAGIC = "GGUF";

/** Whether a file begins as GGUF files do. */
export async function isGguf(file: RandomAccess): Promise<boolean> {
  return file.size >= 4 && new TextDecoder().decode(await file.read(0, 4)) === MAGIC;
}

/** Reads a GGUF file's header into a set of its tensors and its metadata. */
export async function readGguf(file: RandomAccess): Promise<{ tensors: TensorSet; metadata: GgufMetadata }> {
  const { tensorInfos, metadata, tensorDataOffset, littleEndian } = await parseHeader(file);
  const fail = (expected: string, found: string): never => {
    throw new Error(`${file.name}: expected ${expected}, found ${found}`);
  };
  if (!littleEndian) fail("little-endian numbers", "big-endian");
  const dataStart = Number(tensorDataOffset);
  const entries = tensorInfos.map(({ name, shape, dtype, offset }) => {
    const start = dataStart + Number(offset);
    const type = GGMLQuantizationType[dtype] ?? `type ${dtype}`;
    const sizes = shape.map(Number).reverse(); // the file has the innermost dimension first
    return { name, type, shape: sizes, start, end: start + bytesOf(type, sizes) };
  });
  const tensors = new TensorSet();
  tensors.add(file, entries, dataStart);
  return { tensors, metadata: new GgufMetadata(file.name, metadata as Record<string, unknown>) };
}

/** `@huggingface/gguf` asks for ranges of a remote file; here it gets them from a file at hand. */
async function parseHeader(file: RandomAccess): Promise<GGUFParseOutput> {
  const answer = async (_address: unknown, request?: RequestInit) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(request?.headers).get("range") ?? "");
    if (!range) throw new Error("expected a request for a range");
    const start = Number(range[1]);
    const end = Math.min(file.size, Number(range[2]) + 1);
    if (start >= end) throw new Error(`expected more of the header at byte ${start}, found the file's end`);
    return new Response(await file.read(start, end - start), {
      status: 206,
      headers: { "content-range": `bytes ${start}-${end - 1}/${file.size}` },
    });
  };
  try {
    const output = await parseGguf("http://file.invalid/", { fetch: answer as typeof fetch });
    // past its end a file reads as zeros
    if (output.tensorDataOffset > file.size && output.tensorInfos.length > 0)
      throw new Error(
        `expected data at byte ${output.tensorDataOffset}, found the file's end at ${file.size}`,
      );
    return output;
  } catch (error) {
    throw new Error(`${file.name}: ${error instanceof Error ? error.message : error}`);
  }
}
