import type { FloatModel } from "./floatModel.ts";
import { rotaryFrequencies } from "./rotary.ts";

const HEADER_BYTES = 28;
/** Anything larger is garbage rather than a model for this decoder. */
const MAX_HEADER = 2 ** 24;

const fail = (expected: string, found: string): never => {
  throw new Error(`llama2.c checkpoint: expected ${expected}, found ${found}`);
};

/** A float checkpoint in llama2.c's legacy format: a header of seven integers, then the arrays. */
export function parseLlama2c(bytes: Uint8Array): FloatModel {
  if (bytes.length < HEADER_BYTES) fail(`a header of ${HEADER_BYTES} bytes`, `${bytes.length} bytes`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const names = ["dim", "hidden", "layers", "heads", "kvHeads", "vocab", "sequence"];
  const [dim, hidden, layers, heads, kvHeads, signedVocab, sequence] = names.map((name, i) => {
    const value = header.getInt32(4 * i, true);
    // a negative vocabulary size says that the head is stored on its own
    const size = name === "vocab" ? Math.abs(value) : value;
    if (size < 1 || size > MAX_HEADER) fail(`${name} in [1, ${MAX_HEADER}] in the header`, String(value));
    return value;
  }) as [number, number, number, number, number, number, number];
  if (dim % heads !== 0) fail(`heads to divide dim ${dim}`, String(heads));
  if (heads % kvHeads !== 0) fail(`kvHeads to divide heads ${heads}`, String(kvHeads));
  const headDim = dim / heads;
  if (headDim % 2 !== 0) fail("an even dim / heads", String(headDim));
  const vocab = Math.abs(signedVocab);
  const tied = signedVocab > 0;
  const kvWidth = kvHeads * headDim;

  // in the order of the file; the RoPE tables are recomputed by every reader
  const sizes = {
    embedding: vocab * dim,
    attentionGain: layers * dim,
    wq: layers * dim * dim,
    wk: layers * kvWidth * dim,
    wv: layers * kvWidth * dim,
    wo: layers * dim * dim,
    mlpGain: layers * dim,
    gate: layers * hidden * dim,
    down: layers * dim * hidden,
    up: layers * hidden * dim,
    finalGain: dim,
    rope: sequence * headDim,
    head: tied ? 0 : vocab * dim,
  };
  const total = HEADER_BYTES + 4 * Object.values(sizes).reduce((a, b) => a + b, 0);
  if (bytes.length !== total)
    fail(
      `${total} bytes, as the header (${names.map((n, i) => `${n} ${header.getInt32(4 * i, true)}`).join(", ")}) says`,
      `${bytes.length}`,
    );

  const arrays = {} as Record<keyof typeof sizes, Float32Array>;
  let at = HEADER_BYTES;
  for (const [name, size] of Object.entries(sizes)) {
    arrays[name as keyof typeof sizes] = readFloats(bytes, at, size, name);
    at += 4 * size;
  }
  const { rope: _, ...rest } = arrays;
  return {
    dim,
    hidden,
    layers,
    heads,
    kvHeads,
    headDim,
    vocab,
    sequence,
    norm: "rms",
    epsilon: 1e-5,
    activation: "silu",
    frequencies: rotaryFrequencies(headDim, 10000),
    biases: "none",
    tied,
    ...rest,
    head: tied ? arrays.embedding : arrays.head,
  };
}

/** `size` little-endian float32, all finite. */
function readFloats(bytes: Uint8Array, at: number, size: number, name: string): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4 * size);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const value = view.getFloat32(4 * i, true);
    if (!Number.isFinite(value)) fail(`finite numbers in ${name}`, `${value} at index ${i}`);
    values[i] = value;
  }
  return values;
}
