import { checkOptions, type ModelOptions } from "./options.ts";

/**
 * How large a model is.
 *
 * @internal
 */
export interface ModelSizes {
  /** Width of the residual stream, ≤ 4096. */
  readonly dim: number;
  /** Width of the MLP. */
  readonly hidden: number;
  /** Blocks of attention and feed-forward network. */
  readonly layers: number;
  /** Query heads; heads·headDim = dim. */
  readonly heads: number;
  /** Key and value heads; divides heads. */
  readonly kvHeads: number;
  /** A power of two, ≥ 2. */
  readonly headDim: number;
  /** Tokens that there are. */
  readonly vocab: number;
  /** Positions that the carried context holds; a power of two, at most `sequence`. */
  readonly capacity: number;
  /** Positions the float model was trained on (seq_len of its checkpoint). */
  readonly sequence: number;
}

/** The architecture: everything about the model's shape, nothing about its numbers. */
export interface ModelConfig extends ModelSizes, ModelOptions {}

/** A: clamped activations (xn, q, k, v, a, o, prod) lie in [−A, A]. */
export const ACTIVATION_LIMIT = 2047;
/**
 * The most that the activation's output a may be: where it enters a·up only, |a|·2^15 + 2^13 < 2^29. A model's own
 * limit is its `scales.activationLimit`.
 */
export const GATED_LIMIT = 2 ** 14 - 1;
/** Unrotated q and k stay within ±23000, so that after rotation (≤ √2 larger) they are 16-bit. */
export const ROTATION_LIMIT = 23000;
/** Accumulators stay below 2^29 in magnitude, so an identity modulo 2^31 − 1 holds over the integers. */
export const ACCUMULATOR_LIMIT = 2 ** 29;
/**
 * The norm's product is requantized by 2^15, not more: x·2^s + r with a 16-bit x and 0 ≤ r < 2^s
 * takes 2^(16+s) values, and with s = 16 two of them would agree modulo 2^31 − 1.
 */
export const NORM_SHIFT = 15;
/** cos and sin are multiplied by 2^13. */
export const ROTATION_SHIFT = 13;
/** The largest shift of a requantization to 16 bits: x·2^s stays within ±2^29. */
export const MAX_SHIFT = 14;
/** The largest shift of a residual update: h·2^s + acc stays within ±2^28. */
export const MAX_RESIDUAL_SHIFT = 12;

const isPowerOfTwo = (n: number) => Number.isInteger(n) && n > 0 && Number.isInteger(Math.log2(n));

/** The largest sizes: what is beyond them would not be proven in reasonable memory, and might come from a hostile file. */
const LARGEST: Readonly<Record<keyof ModelSizes, number>> = {
  dim: 2 ** 12, // the norm's limbs stay below 2^28
  hidden: 2 ** 16,
  layers: 2 ** 8,
  heads: 2 ** 8,
  kvHeads: 2 ** 8,
  headDim: 2 ** 7, // scores stay below 2^29
  vocab: 2 ** 18,
  capacity: 2 ** 14,
  sequence: 2 ** 24,
};

/** Throws unless the decoder can run this architecture. */
export function checkConfig(config: ModelConfig): void {
  const fail = (expected: string, found: string): never => {
    throw new Error(`model config: expected ${expected}, found ${found}`);
  };
  for (const [name, largest] of Object.entries(LARGEST)) {
    const n = config[name as keyof ModelSizes];
    if (!Number.isInteger(n) || n < 1 || n > largest)
      fail(`${name} to be an integer in [1, ${largest}]`, String(n));
  }
  const { dim, heads, kvHeads, headDim, vocab, capacity, sequence } = config;
  if (heads * headDim !== dim) fail(`heads · headDim = dim = ${dim}`, `${heads} · ${headDim}`);
  if (!isPowerOfTwo(headDim) || headDim < 2)
    fail("headDim to be a power of two, at least 2", String(headDim));
  if (heads % kvHeads !== 0) fail(`kvHeads to divide heads = ${heads}`, String(kvHeads));
  if (vocab < 2) fail("vocab ≥ 2", String(vocab));
  if (!isPowerOfTwo(capacity)) fail("capacity to be a power of two", String(capacity));
  checkOptions(config);
  if (capacity > sequence) fail(`capacity ≤ sequence = ${sequence}`, String(capacity));
}

/** e: a norm works on ⌊Σh²/2^e⌋, which is below 2^30. */
export function meanShiftFor(dim: number): number {
  return Math.max(8, Math.ceil(Math.log2(dim)));
}

/** Allowed for `normBits`, the largest last: |h·inv| stays below 2^29. */
export function normBitsFor(dim: number): readonly [number, number, number] {
  const most = Math.floor((43 - meanShiftFor(dim)) / 2);
  return [most - 2, most - 1, most];
}

/** E = EXP[0]: as large as Σ e·v over a full context permits, at most 12 bits. */
export function expScaleFor(capacity: number): number {
  return Math.min(4095, 2 ** (19 - Math.log2(capacity)) - 1);
}

/** The largest σ: scores divided by 2^σ = headDim·2^7 are signed 16-bit, whatever q and k are. */
export function scoreShiftFor(headDim: number): number {
  return Math.log2(headDim) + 7;
}
