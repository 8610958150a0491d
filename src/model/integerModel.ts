import type { ModelConfig } from "./config.ts";
import { BIASES, type BiasName, isGated, isRotary } from "./options.ts";
import type { Tables } from "./tables.ts";

/**
 * How many bits each requantization drops; the same for all layers.
 *
 * @internal
 */
export interface Shifts {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  /** Residual update by attention. */
  readonly o: number;
  readonly gate: number;
  /** 0 where nothing is gated, as `prod`. */
  readonly up: number;
  /** Residual update by the MLP. */
  readonly down: number;
  /** a·u */
  readonly prod: number;
}

/**
 * All row-major signed 16-bit: one row per output. The norms' gains are folded in.
 *
 * @internal
 */
export interface Weights {
  /** (vocab, dim), in units of the residual stream */
  readonly embedding: Int16Array;
  /** (capacity, dim), in the same units; empty where positions rotate */
  readonly positions: Int16Array;
  /** (layers, heads·headDim, dim) */
  readonly wq: Int16Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wk: Int16Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wv: Int16Array;
  /** (layers, dim, heads·headDim) */
  readonly wo: Int16Array;
  /** (layers, hidden, dim): what the activation is applied to */
  readonly gate: Int16Array;
  /** (layers, hidden, dim): what it gates; empty where it gates nothing */
  readonly up: Int16Array;
  /** (layers, dim, hidden) */
  readonly down: Int16Array;
  /** (vocab, dim) */
  readonly head: Int16Array;
}

/**
 * What is added to a matrix's products, a number for each row, in their units: |.| < 2^29. Empty where the
 * model has none.
 *
 * @internal
 */
export type Biases = Readonly<Record<BiasName, Int32Array>>;

/** Of a model without biases. */
export const NO_BIASES = Object.fromEntries(BIASES.map((name) => [name, new Int32Array()])) as Biases;

/** The bias of each matrix. */
export const BIAS_OF = {
  wq: "bq",
  wk: "bk",
  wv: "bv",
  wo: "bo",
  gate: "bGate",
  up: "bUp",
  down: "bDown",
  head: "bHead",
} as const satisfies Partial<Record<keyof Weights, BiasName>>;

/** The name of a matrix that is multiplied with vectors. */
export type MatrixName = keyof typeof BIAS_OF;

/**
 * Real numbers that the tables and the reading of logits come from; no decoding step uses them.
 *
 * @internal
 */
export interface Scales {
  /** δ: EXP[u] = round(E·e^(−δu)) */
  readonly expDelta: number;
  /** The activation's x stands for x/gate. */
  readonly gate: number;
  /** a stands for a/activation. */
  readonly activation: number;
  /** A logit stands for acc/logit. */
  readonly logit: number;
}

/** The model that is proven, bit for bit as docs/semantics.md says. */
export interface IntegerModel {
  /** Sizes. */
  readonly config: ModelConfig;
  /** By how many bits the sums of matrix products are shifted. */
  readonly shifts: Shifts;
  /** B: R[μ] = round(2^B/√μ) */
  readonly normBits: number;
  /** E = EXP[0] */
  readonly expScale: number;
  /** σ, at most log2(headDim) + 7 */
  readonly scoreShift: number;
  /** Matrices, row-major. */
  readonly weights: Weights;
  /** Vectors, a number for each row of a matrix. */
  readonly biases: Biases;
  /** Functions as tables. */
  readonly tables: Tables;
  /** What the integers stand for. */
  readonly scales: Scales;
  /** (headDim/2, or 0): how many radians each pair of q and k turns per position; enters the tables only */
  readonly frequencies: Float64Array;
}

/** The shape (layers, rows, cols) of each weight array; no rows where the model has none. */
export function weightShapes(config: ModelConfig): Record<keyof Weights, readonly [number, number, number]> {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab, capacity } = config;
  return {
    embedding: [1, vocab, dim],
    positions: [1, isRotary(config) ? 0 : capacity, dim],
    wq: [layers, heads * headDim, dim],
    wk: [layers, kvHeads * headDim, dim],
    wv: [layers, kvHeads * headDim, dim],
    wo: [layers, dim, heads * headDim],
    gate: [layers, hidden, dim],
    up: [layers, isGated(config) ? hidden : 0, dim],
    down: [layers, dim, hidden],
    head: [1, vocab, dim],
  };
}

/** The shape (layers, rows) of each bias; no rows where the model has none. */
export function biasShapes(config: ModelConfig): Record<BiasName, readonly [number, number]> {
  const shapes = weightShapes(config);
  const entries = Object.entries(BIAS_OF).map(([matrix, name]) => {
    const [layers, rows] = shapes[matrix as MatrixName];
    return [name, [layers, config.biases.includes(name) ? rows : 0]] as const;
  });
  return Object.fromEntries(entries) as Record<BiasName, readonly [number, number]>;
}
