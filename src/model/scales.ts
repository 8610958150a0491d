import type { Ranges } from "./calibration.ts";
import { ACTIVATION_LIMIT, MAX_SHIFT, meanShiftFor, type ModelConfig, ROTATION_LIMIT } from "./config.ts";
import type { FloatModel } from "./floatModel.ts";
import { isRotary } from "./options.ts";
import { MARGIN } from "./scaledMatrix.ts";

/** How far beyond its calibrated range each kind of activation may go before it saturates. */
export interface Headroom {
  readonly residual: number;
  readonly rotated: number;
  readonly v: number;
  readonly a: number;
  readonly prod: number;
  /**
   * Whether weights alone guarantee that nothing leaves its range. If not, activations may reach twice what
   * they were seen to, and the decoder refuses a step that goes beyond.
   */
  readonly guaranteed: boolean;
}

/** Every activation's scale: the integer n stands for the real number n/α. */
export interface ActivationScales {
  readonly x: number;
  /** (layers + 1): the residual stream's at a layer's beginning and in its middle, and behind the last; each 2^c times the next */
  readonly h: Float64Array;
  readonly gate: number;
  readonly a: number;
  readonly activationLimit: number;
  /** (layers, heads·headDim), the same for a pair that rotates and for the heads that share a key head */
  readonly q: Float64Array;
  /** (layers, kvHeads·headDim); q·k is the same everywhere: `product` */
  readonly k: Float64Array;
  readonly product: number;
  /** (layers, kvHeads·headDim); o has the scales of its v */
  readonly v: Float64Array;
  /** (layers, hidden), or nothing */
  readonly up: Float64Array;
  /** (layers, hidden): up·a / 2^prodShift, or a */
  readonly prod: Float64Array;
  readonly prodShift: number;
}

const A = ACTIVATION_LIMIT;
/** A guarantee that makes steps so many times as long is not worth trying. */
const FAR = 48;

/**
 * Chooses the scales: per channel where a matrix on either side can absorb the difference, as large as
 * the calibrated ranges and the static bounds allow. Expects a model whose norms are folded.
 */
export function chooseScales(
  model: FloatModel,
  config: ModelConfig,
  ranges: Ranges,
  normBits: number,
  headroom: Headroom,
): ActivationScales {
  const x = normScale(config.dim, normBits);
  // per row: the largest α_out for which a full-range input stays below the limit
  const bounds = (matrix: Float32Array, bias: Float32Array | undefined, limit: number) =>
    rowNorms(matrix, config.dim).map(
      (norm, i) => (MARGIN * limit * x) / (A * norm + x * Math.abs(bias?.[i] ?? 0)),
    );
  const fit = (seen: Float64Array, room: number) =>
    floored(seen, config.layers, 50).map((range) => A / (room * range));

  const gate = smallest(bounds(model.gate, model.bGate, 2 ** 15));
  const a = A / (headroom.a * ranges.a);
  const gated = model.up
    ? chooseProduct(bounds(model.up, model.bUp, 2 ** 15), a, fit(ranges.prod, headroom.prod))
    : ungated(a, ranges);
  const v = minimum(fit(ranges.v, headroom.v), bounds(model.wv, model.bv, 2 ** 15));
  const seen = (2 ** 15 - 1) / (headroom.residual * largest(ranges.h));
  const residual = Math.min(
    seen,
    ...[
      updateNorms(model.wo, model.bo, outputScales(v, config)),
      updateNorms(model.down, model.bDown, {
        scales: gated.prod,
        width: config.hidden,
        rows: config.dim,
      }),
    ].map((norms) => (MARGIN * 2 ** 15) / largest(norms)),
  );
  if (residual * FAR < seen)
    throw new Error(
      `scales: expected the weights to leave the residual stream 1/${FAR} of the steps that were seen to fit, found ${residual / seen}`,
    );
  const limit = isRotary(config) ? ROTATION_LIMIT : 2 ** 15;
  const rotated = chooseRotated(
    config,
    minimum(fit(ranges.q, headroom.rotated), bounds(model.wq, model.bq, limit)),
    minimum(fit(ranges.k, headroom.rotated), bounds(model.wk, model.bk, limit)),
  );
  const h = new Float64Array(config.layers + 1).fill(residual);
  return { x, h, gate, a, activationLimit: A, ...rotated, v, ...gated };
}

type ProductScales = Pick<ActivationScales, "up" | "prod" | "prodShift">;

/** Without a gate, what the activation gives enters `down` as it is. */
export const ungated = (a: number, { prod }: Ranges): ProductScales => ({
  up: new Float64Array(),
  prod: prod.map(() => a),
  prodShift: 0,
});

/** Scales of up, given what bounds them, and of its product with the activation, given what is wanted. */
function chooseProduct(upBound: Float64Array, a: number, wanted: Float64Array): ProductScales {
  // a product shifted by 11 is 16-bit whatever its factors are, though the bound on up may cost some its scale
  const prodShift = Math.max(11, largestProdShift(wanted, upBound, a));
  const up = minimum(
    wanted.map((alpha) => (alpha * 2 ** prodShift) / a),
    upBound,
  );
  return { up, prod: up.map((alpha) => (alpha * a) / 2 ** prodShift), prodShift };
}

/** α of the norms' outputs. */
export const normScale = (dim: number, normBits: number): number =>
  2 ** (normBits - 8 + meanShiftFor(dim) / 2) / Math.sqrt(dim);

/** The largest shift of the product that costs none of its channels the scale that is wanted. */
export function largestProdShift(wanted: Float64Array, upBound: Float64Array, a: number): number {
  const fits = smallest(upBound.map((bound, i) => (bound * a) / wanted[i]!));
  return Math.max(1, Math.min(MAX_SHIFT, Math.floor(Math.log2(fits))));
}

/** Scales of q and k per rotated pair, or per channel if none rotates, with one product: the largest that all permit. */
export function chooseRotated(config: ModelConfig, qLimit: Float64Array, kLimit: Float64Array) {
  const { layers, heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const together = isRotary(config) ? [0, 1] : [0];
  const q = new Float64Array(qLimit.length);
  const k = new Float64Array(kLimit.length);
  const pairs: { qAt: number[]; kAt: number[]; q: number; k: number }[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < kvHeads; head++) {
      for (let c = 0; c < headDim; c += together.length) {
        const kAt = together.map((i) => (layer * kvHeads + head) * headDim + c + i);
        const qAt = Array.from({ length: group }, (_, g) =>
          together.map((i) => (layer * heads + head * group + g) * headDim + c + i),
        ).flat();
        pairs.push({
          qAt,
          kAt,
          q: Math.min(...qAt.map((i) => qLimit[i]!)),
          k: Math.min(...kAt.map((i) => kLimit[i]!)),
        });
      }
    }
  }
  const product = Math.min(...pairs.map((pair) => pair.q * pair.k));
  for (const pair of pairs) {
    const shrink = Math.sqrt(product / (pair.q * pair.k));
    for (const i of pair.qAt) q[i] = pair.q * shrink;
    for (const i of pair.kAt) k[i] = pair.k * shrink;
  }
  return { q, k, product };
}

/** Scales of a matrix's inputs, one set per layer. */
interface InputScales {
  readonly scales: Float64Array;
  readonly width: number;
  /** Rows of the matrix per layer. */
  readonly rows: number;
}

/** Wo's inputs: each query head's output has the scales of the value head it mixes. */
export function outputScales(v: Float64Array, config: ModelConfig): InputScales {
  const { layers, heads, kvHeads, headDim, dim } = config;
  const scales = Float64Array.from({ length: layers * dim }, (_, i) => {
    const layer = Math.floor(i / dim);
    const head = Math.floor(Math.floor((i % dim) / headDim) / (heads / kvHeads));
    return v[(layer * kvHeads + head) * headDim + (i % headDim)]!;
  });
  return { scales, width: dim, rows: dim };
}

/** Per row, the largest real update: Σ |w|·A/α + |b|. */
function updateNorms(
  matrix: Float32Array,
  bias: Float32Array | undefined,
  { scales, width, rows }: InputScales,
): Float64Array {
  return Float64Array.from({ length: matrix.length / width }, (_, row) => {
    const layer = Math.floor(row / rows);
    let sum = 1e-9 + Math.abs(bias?.[row] ?? 0);
    for (let i = 0; i < width; i++)
      sum += (Math.abs(matrix[row * width + i]!) * A) / scales[layer * width + i]!;
    return sum;
  });
}

/** Σ|w| of each row. */
function rowNorms(matrix: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: matrix.length / width }, (_, row) => {
    let sum = 1e-9;
    for (let i = 0; i < width; i++) sum += Math.abs(matrix[row * width + i]!);
    return sum;
  });
}

/** Ranges at least the layer's largest divided by `share`: a channel that calibration hardly moved may still move. */
export function floored(seen: Float64Array, layers: number, share: number): Float64Array {
  const width = seen.length / layers;
  const largest = Array.from({ length: layers }, (_, layer) =>
    seen.subarray(layer * width, (layer + 1) * width).reduce((a, b) => Math.max(a, b)),
  );
  return seen.map((range, i) => Math.max(range, largest[Math.floor(i / width)]! / share, 1e-9));
}

export const smallest = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b));
const largest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b));
export const minimum = (a: Float64Array, b: Float64Array) => a.map((value, i) => Math.min(value, b[i]!));
