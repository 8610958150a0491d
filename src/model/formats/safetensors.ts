import type { RandomAccess } from "./randomAccess.ts";
import type { TensorEntry, TensorSet } from "./tensorSet.ts";

const LENGTH_BYTES = 8;
/** As the reference implementation has it. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Adds a safetensors file to a set: header length u64, header as JSON (name → dtype, shape, data_offsets),
 * then the data without gaps.
 */
export async function addSafetensors(set: TensorSet, file: RandomAccess): Promise<void> {
  const fail = (expected: string, found: string | number): never => {
    throw new Error(`${file.name}: expected ${expected}, found ${found}`);
  };
  if (file.size < LENGTH_BYTES) fail(`a header length of ${LENGTH_BYTES} bytes`, `${file.size} bytes`);
  const view = new DataView((await file.read(0, LENGTH_BYTES)).buffer);
  const length = Number(view.getBigUint64(0, true));
  const most = Math.min(MAX_HEADER_BYTES, file.size - LENGTH_BYTES);
  if (length > most) fail(`a header of at most ${most} bytes`, length);
  const entries = entriesOf(file.name, await file.read(LENGTH_BYTES, length), LENGTH_BYTES + length);
  const data = entries.reduce((sum, { start, end }) => sum + end - start, LENGTH_BYTES + length);
  if (data !== file.size) fail(`${data} bytes, as the header says`, file.size);
  set.add(file, entries, LENGTH_BYTES + length);
}

function entriesOf(file: string, header: Uint8Array, dataStart: number): TensorEntry[] {
  const fail = (expected: string, found: string): never => {
    throw new Error(`${file}: expected ${expected}, found ${found}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
  } catch (error) {
    fail("a header in JSON", String(error));
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail("an object", typeof json);
  const { __metadata__: _, ...tensors } = json as Record<string, unknown>;
  return Object.entries(tensors).map(([name, value]) => {
    const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
    const what = `tensor ${name.slice(0, 80)}`;
    if (typeof dtype !== "string") return fail(`${what} to have a dtype`, typeof dtype);
    if (!isNumbers(shape)) return fail(`${what} to have a shape`, typeof shape);
    if (!isNumbers(offsets) || offsets.length !== 2)
      return fail(`${what} to have two data_offsets`, typeof offsets);
    const [start, end] = offsets as [number, number];
    return { name, type: dtype, shape, start: dataStart + start, end: dataStart + end };
  });
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "number");
