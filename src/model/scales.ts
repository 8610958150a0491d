import type { Ranges } from "./calibration.ts";
import {
  ACTIVATION_LIMIT,
  MAX_RESIDUAL_SHIFT,
  MAX_SHIFT,
  meanShiftFor,
  type ModelConfig,
  ROTATION_LIMIT,
} from "./config.ts";
import type { FloatModel } from "./floatModel.ts";
import { isRotary } from "./options.ts";

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
  readonly residual: number;
  readonly gate: number;
  readonly a: number;
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

/** Keeps a static bound valid after the weights are rounded. */
export const MARGIN = 0.99;
const A = ACTIVATION_LIMIT;

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
  const x = 2 ** (normBits - 8 + meanShiftFor(config.dim) / 2) / Math.sqrt(config.dim);
  // per row: the largest α_out for which a full-range input stays below the limit
  const bounds = (matrix: Float32Array, bias: Float32Array | undefined, limit: number) =>
    rowNorms(matrix, config.dim).map(
      (norm, i) => (MARGIN * limit * x) / (A * norm + x * Math.abs(bias?.[i] ?? 0)),
    );
  const { guaranteed } = headroom;
  const fit = (seen: Float64Array, room: number) =>
    floored(seen, config.layers, 50).map((range) => A / (room * range));

  const gateBound = smallest(bounds(model.gate, model.bGate, 2 ** 15));
  const gate = guaranteed ? gateBound : Math.max(gateBound, (2 ** 15 - 1) / (2 * ranges.gate));
  const a = A / (headroom.a * ranges.a);
  const gated = model.up
    ? chooseProduct(bounds(model.up, model.bUp, 2 ** 15), a, config, ranges, headroom)
    : // what the activation gives enters `down` as it is
      { up: new Float64Array(), prod: ranges.prod.map(() => a), prodShift: 0 };
  const seen = (2 ** 15 - 1) / (headroom.residual * ranges.h);
  let v = fit(ranges.v, headroom.v);
  if (guaranteed) v = minimum(v, bounds(model.wv, model.bv, 2 ** 15));
  else v = minimum(v, balanced(model, config, ranges.v, seen));
  const residual = guaranteed
    ? Math.min(
        seen,
        ...[
          updateNorms(model.wo, model.bo, outputScales(v, config)),
          updateNorms(model.down, model.bDown, {
            scales: gated.prod,
            width: config.hidden,
            rows: config.dim,
          }),
        ].map((norms) => (MARGIN * 2 ** 15) / largest(norms)),
      )
    : seen;
  const limited = (wanted: Float64Array, bound: Float64Array) =>
    guaranteed ? minimum(wanted, bound) : wanted;
  const limit = isRotary(config) ? ROTATION_LIMIT : 2 ** 15;
  const rotated = chooseRotated(
    config,
    limited(fit(ranges.q, headroom.rotated), bounds(model.wq, model.bq, limit)),
    limited(fit(ranges.k, headroom.rotated), bounds(model.wk, model.bk, limit)),
  );
  return { x, residual, gate, a, ...rotated, v, ...gated };
}

/** Scales of up, given what bounds them, and of its product with the activation. */
function chooseProduct(
  bound: Float64Array,
  a: number,
  { layers }: ModelConfig,
  ranges: Ranges,
  headroom: Headroom,
): Pick<ActivationScales, "up" | "prod" | "prodShift"> {
  const { guaranteed } = headroom;
  let upBound = bound;
  // twice what any channel of the layer was seen to reach
  if (!guaranteed)
    upBound = maximum(
      upBound,
      floored(ranges.up, layers, 1).map((range) => (2 ** 15 - 1) / (2 * range)),
    );
  const wanted = (guaranteed ? floored(ranges.prod, layers, 50) : heavyTailed(ranges.prod, layers)).map(
    (range) => A / (headroom.prod * range),
  );
  const prodShift = chooseProdShift(wanted, upBound, a, guaranteed ? 11 : 1);
  const up = minimum(
    wanted.map((alpha) => (alpha * 2 ** prodShift) / a),
    upBound,
  );
  return { up, prod: up.map((alpha) => (alpha * a) / 2 ** prodShift), prodShift };
}

/**
 * The largest shift that costs no channel of the product its scale; at least `least`, where the bound on up may
 * cost some: a product shifted by 11 is 16-bit whatever its factors are.
 */
function chooseProdShift(wanted: Float64Array, upBound: Float64Array, a: number, least: number): number {
  const fits = smallest(upBound.map((bound, i) => (bound * a) / wanted[i]!));
  return Math.max(least, Math.min(MAX_SHIFT, Math.floor(Math.log2(fits))));
}

/**
 * Per channel of v, the α at which rounding v and rounding the columns of Wo that it meets cost the same: a finer
 * v makes those weights coarser. A channel's typical size is taken to be a tenth of its range.
 */
function balanced(
  model: FloatModel,
  config: ModelConfig,
  ranges: Float64Array,
  residual: number,
): Float64Array {
  const { layers, heads, kvHeads, headDim, dim } = config;
  const squares = new Float64Array(layers * kvHeads * headDim);
  for (let i = 0; i < model.wo.length; i++) {
    const column = i % dim;
    const layer = Math.floor(i / (dim * dim));
    const group = Math.floor(Math.floor(column / headDim) / (heads / kvHeads));
    squares[(layer * kvHeads + group) * headDim + (column % headDim)]! += model.wo[i]! ** 2;
  }
  const count = (dim * heads) / kvHeads;
  return floored(ranges, layers, 50).map((range, i) => {
    const weight = Math.sqrt(squares[i]! / count) + 1e-9;
    return Math.sqrt((10 * 2 ** MAX_RESIDUAL_SHIFT * residual * weight) / range);
  });
}

/** Scales of q and k per rotated pair, or per channel if none rotates, with one product: the largest that all permit. */
function chooseRotated(config: ModelConfig, qLimit: Float64Array, kLimit: Float64Array) {
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
function floored(seen: Float64Array, layers: number, share: number): Float64Array {
  const width = seen.length / layers;
  const largest = Array.from({ length: layers }, (_, layer) =>
    seen.subarray(layer * width, (layer + 1) * width).reduce((a, b) => Math.max(a, b)),
  );
  return seen.map((range, i) => Math.max(range, largest[Math.floor(i / width)]! / share, 1e-9));
}

/**
 * Ranges of channels that move rarely: at least four times the median channel's, for few tokens were seen; but
 * what towers above all others, as the first token's does, comes out alike in every text.
 */
function heavyTailed(seen: Float64Array, layers: number): Float64Array {
  const width = seen.length / layers;
  const out = seen.slice();
  for (let layer = 0; layer < layers; layer++) {
    const own = out.subarray(layer * width, (layer + 1) * width);
    const median = own.slice().sort()[width >> 1]!;
    for (let i = 0; i < width; i++)
      own[i] = Math.max(own[i]! / 2.5, Math.min(own[i]!, 30 * median), 4 * median, 1e-9);
  }
  return out;
}

const largest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b));
const smallest = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b));
const minimum = (a: Float64Array, b: Float64Array) => a.map((value, i) => Math.min(value, b[i]!));
const maximum = (a: Float64Array, b: Float64Array) => a.map((value, i) => Math.max(value, b[i]!));
