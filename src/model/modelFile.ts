import { buildModel } from "./buildModel.ts";
import { checkBounds } from "./checkBounds.ts";
import { ACTIVATION_LIMIT, checkConfig, type ModelSizes } from "./config.ts";
import {
  biasShapes,
  type IntegerModel,
  type Scales,
  type Shifts,
  type Weights,
  weightShapes,
} from "./integerModel.ts";
import { BIASES, type BiasName, isRotary, optionsOfWords, optionWords } from "./options.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { parseTokenizerSection, serializeTokenizerSection } from "./tokenizerSection.ts";

/**
 * The integer model's file, little-endian:
 *
 *   magic "STKM", version u32, uncompressed length u32, then one deflate stream (RFC 1950) of
 *   sizes (9 × u32), options (3 × u32), shifts (8 × u32), normBits u32, scoreShift u32, scales (4 × f64), frequencies
 *   (headDim/2 × f64 if rotary), from version 4 on activationLimit u32 and coarser (layers × u32, all 0 where the model
 *   has none), tokenizer length u32 and bytes, weights as i16 and biases as i32 (the lowest bytes of an array, then the
 *   next ones).
 *
 * Tables are not stored: they follow from the rest. Models that need no version 4 are written as version 3.
 *
 * @internal
 */
export interface ModelFile {
  readonly model: IntegerModel;
  readonly tokenizer: Tokenizer;
}

const MAGIC = 0x4d4b5453; // "STKM"
/** The one where a saturates at ±A, and no layer makes steps coarser; and the one that says. */
const PLAIN = 3;
const VERSION = 4;
const HEADER_BYTES = 12;
const MAX_BYTES = 2 ** 30;

const SIZE_FIELDS = [
  "dim",
  "hidden",
  "layers",
  "heads",
  "kvHeads",
  "headDim",
  "vocab",
  "capacity",
  "sequence",
] as const satisfies readonly (keyof ModelSizes)[];
const SHIFT_FIELDS = [
  "q",
  "k",
  "v",
  "o",
  "gate",
  "up",
  "down",
  "prod",
] as const satisfies readonly (keyof Shifts)[];
const SCALE_FIELDS = ["expDelta", "gate", "activation", "logit"] as const satisfies readonly Exclude<
  keyof Scales,
  "activationLimit"
>[];
const WEIGHT_FIELDS = [
  "embedding",
  "positions",
  "wq",
  "wk",
  "wv",
  "wo",
  "gate",
  "up",
  "down",
  "head",
] as const satisfies readonly (keyof Weights)[];
const FIXED_BYTES = 4 * (SIZE_FIELDS.length + 3 + SHIFT_FIELDS.length + 2) + 8 * SCALE_FIELDS.length + 4;

const fail = (expected: string, found: string | number): never => {
  throw new Error(`model file: expected ${expected}, found ${found}`);
};

export async function serializeModelFile({ model, tokenizer }: ModelFile): Promise<Uint8Array<ArrayBuffer>> {
  const pieces = serializeTokenizerSection(tokenizer);
  const frequencyBytes = 8 * model.frequencies.length;
  const { layers } = model.config;
  const { activationLimit } = model.scales;
  const isPlain = activationLimit === ACTIVATION_LIMIT && !model.coarser;
  const extraBytes = isPlain ? 0 : 4 * (1 + layers);
  const arrays = [
    ...WEIGHT_FIELDS.map((name) => model.weights[name]),
    ...BIASES.map((name) => model.biases[name]),
  ];
  const arrayBytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = new Uint8Array(FIXED_BYTES + frequencyBytes + extraBytes + pieces.length + arrayBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const u32 = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  for (const name of SIZE_FIELDS) u32(model.config[name]);
  for (const word of optionWords(model.config)) u32(word);
  for (const name of SHIFT_FIELDS) u32(model.shifts[name]);
  u32(model.normBits);
  u32(model.scoreShift);
  for (const value of [...SCALE_FIELDS.map((name) => model.scales[name]), ...model.frequencies]) {
    view.setFloat64(at, value, true);
    at += 8;
  }
  if (!isPlain) {
    u32(activationLimit);
    for (let layer = 0; layer < layers; layer++) u32(model.coarser?.[layer] ?? 0);
  }
  u32(pieces.length);
  bytes.set(pieces, at);
  at += pieces.length;
  for (const array of arrays) {
    const planes = array.BYTES_PER_ELEMENT;
    array.forEach((value, i) => {
      for (let plane = 0; plane < planes; plane++)
        bytes[at + plane * array.length + i] = value >> (8 * plane);
    });
    at += array.byteLength;
  }

  const compressed = await pipe(bytes, new CompressionStream("deflate"), MAX_BYTES);
  const file = new Uint8Array(HEADER_BYTES + compressed.length);
  const header = new DataView(file.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint32(4, isPlain ? PLAIN : VERSION, true);
  header.setUint32(8, bytes.length, true);
  file.set(compressed, HEADER_BYTES);
  return file;
}

/** Throws on anything that is not a complete file of a model within its bounds. */
export async function parseModelFile(file: Uint8Array<ArrayBuffer>): Promise<ModelFile> {
  if (file.length < HEADER_BYTES) fail(`a header of ${HEADER_BYTES} bytes`, `${file.length} bytes`);
  const header = new DataView(file.buffer, file.byteOffset, HEADER_BYTES);
  const [magic, version, length] = [0, 4, 8].map((at) => header.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  if (magic !== MAGIC) fail("the magic number of a starkstream model", magic);
  if (version !== PLAIN && version !== VERSION) fail(`version ${PLAIN} or ${VERSION}`, version);
  if (length < FIXED_BYTES || length > MAX_BYTES) fail(`a length in [${FIXED_BYTES}, ${MAX_BYTES}]`, length);
  const bytes = await decompress(file.subarray(HEADER_BYTES), length);

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const u32 = () => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const f64 = () => {
    at += 8;
    return view.getFloat64(at - 8, true);
  };
  const u32s = <K extends string>(names: readonly K[]) =>
    Object.fromEntries(names.map((name) => [name, u32()])) as Record<K, number>;
  const sizes = u32s(SIZE_FIELDS);
  const config = { ...sizes, ...optionsOfWords([u32(), u32(), u32()]) };
  const shifts = u32s(SHIFT_FIELDS);
  const normBits = u32();
  const scoreShift = u32();
  const numbers = Object.fromEntries(SCALE_FIELDS.map((name) => [name, f64()])) as unknown as Omit<
    Scales,
    "activationLimit"
  >;
  checkConfig(config);
  for (const name of SCALE_FIELDS) {
    if (!(numbers[name] > 0 && numbers[name] < 2 ** 64)) fail(`scale ${name} to be positive`, numbers[name]);
  }
  const pairs = isRotary(config) ? config.headDim / 2 : 0;
  const extraBytes = version === PLAIN ? 0 : 4 * (1 + config.layers);
  if (length < FIXED_BYTES + 8 * pairs + extraBytes)
    fail(`${pairs} frequencies and ${extraBytes} more bytes`, `${length} bytes`);
  const frequencies = Float64Array.from({ length: pairs }, f64);
  for (const frequency of frequencies) {
    if (!(frequency >= 0 && frequency <= 8)) fail("frequencies in [0, 8]", frequency);
  }

  const activationLimit = version === PLAIN ? ACTIVATION_LIMIT : u32();
  const steps = version === PLAIN ? [] : Array.from({ length: config.layers }, u32);
  const coarser = steps.some((c) => c > 0) ? { coarser: steps } : {};

  const tokenizerBytes = u32();
  const shapes = weightShapes(config);
  const ofBiases = biasShapes(config);
  const weightCounts = WEIGHT_FIELDS.map((name) => shapes[name][0] * shapes[name][1] * shapes[name][2]);
  const biasCounts = BIASES.map((name) => ofBiases[name][0] * ofBiases[name][1]);
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const total = at + tokenizerBytes + 2 * sum(weightCounts) + 4 * sum(biasCounts);
  if (total !== length) fail(`${total} bytes, as the config says`, length);
  const tokenizer = parseTokenizerSection(bytes.subarray(at, at + tokenizerBytes), config.vocab);
  at += tokenizerBytes;
  const weights = {} as Record<keyof Weights, Int16Array>;
  WEIGHT_FIELDS.forEach((name, n) => {
    const size = weightCounts[n]!;
    const values = new Int16Array(size);
    for (let i = 0; i < size; i++) values[i] = bytes[at + i]! | (bytes[at + size + i]! << 8);
    weights[name] = values;
    at += 2 * size;
  });
  const biases = {} as Record<BiasName, Int32Array>;
  BIASES.forEach((name, n) => {
    const values = new Int32Array(biasCounts[n]!);
    for (let plane = 0; plane < 4; plane++) {
      for (let i = 0; i < values.length; i++) values[i]! |= bytes[at + i]! << (8 * plane);
      at += values.length;
    }
    biases[name] = values;
  });
  const model = buildModel({
    config,
    shifts,
    normBits,
    scoreShift,
    ...coarser,
    scales: { ...numbers, activationLimit },
    frequencies,
    weights,
    biases,
  });
  checkBounds(model);
  return { model, tokenizer };
}

async function decompress(
  compressed: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await pipe(compressed, new DecompressionStream("deflate"), length);
  } catch (error) {
    return fail("a whole deflate stream", String(error));
  }
  if (bytes.length !== length) fail(`${length} bytes, as the header says`, bytes.length);
  return bytes;
}

/** What comes out of a transformation; stops once that is more than `limit` bytes. */
async function pipe(
  input: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([input]).stream().pipeThrough(transform).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError(`more than ${limit} bytes`);
    }
  }
  const output = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    output.set(chunk, at);
    at += chunk.length;
  }
  return output;
}
