import type { ModelConfig } from "./config.ts";
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
  /** (layers, heads·headDim, dim) */
  readonly wq: Int16Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wk: Int16Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wv: Int16Array;
  /** (layers, dim, heads·headDim) */
  readonly wo: Int16Array;
  /** (layers, hidden, dim) */
  readonly gate: Int16Array;
  /** (layers, hidden, dim) */
  readonly up: Int16Array;
  /** (layers, dim, hidden) */
  readonly down: Int16Array;
  /** (vocab, dim) */
  readonly head: Int16Array;
}

/**
 * Real numbers that the tables and the reading of logits come from; no decoding step uses them.
 *
 * @internal
 */
export interface Scales {
  /** δ: EXP[u] = round(E·e^(−δu)) */
  readonly expDelta: number;
  /** The gate's x stands for x/gate. */
  readonly gate: number;
  /** a stands for a/activation. */
  readonly activation: number;
  /** Where a saturates: from A to `GATED_LIMIT`. */
  readonly activationLimit: number;
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
  /** c (layers), as in the description */
  readonly coarser?: readonly number[];
  /** Matrices, row-major. */
  readonly weights: Weights;
  /** Functions as tables. */
  readonly tables: Tables;
  /** What the integers stand for. */
  readonly scales: Scales;
  /** (headDim/2): how many radians each pair of q and k turns per position; enters the tables only */
  readonly frequencies: Float64Array;
}

/** The shape (layers, rows, cols) of each weight array. */
export function weightShapes(config: ModelConfig): Record<keyof Weights, readonly [number, number, number]> {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab } = config;
  return {
    embedding: [1, vocab, dim],
    wq: [layers, heads * headDim, dim],
    wk: [layers, kvHeads * headDim, dim],
    wv: [layers, kvHeads * headDim, dim],
    wo: [layers, dim, heads * headDim],
    gate: [layers, hidden, dim],
    up: [layers, hidden, dim],
    down: [layers, dim, hidden],
    head: [1, vocab, dim],
  };
}
