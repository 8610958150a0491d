import type { Ranges } from "./calibration.ts";
import { ACTIVATION_LIMIT, GATED_LIMIT, MAX_RESIDUAL_SHIFT, MAX_SHIFT, type ModelConfig } from "./config.ts";
import type { FloatModel } from "./floatModel.ts";
import { BIAS_OF, type MatrixName, weightShapes } from "./integerModel.ts";
import { largestFactor, largestFactors, rowFactors, type ScaledMatrix } from "./scaledMatrix.ts";
import {
  type ActivationScales,
  chooseRotated,
  floored,
  type Headroom,
  largestProdShift,
  minimum,
  normScale,
  outputScales,
  ungated,
} from "./scales.ts";

const A = ACTIVATION_LIMIT;
const WORD = 2 ** 15 - 1;
/** Keeps a factor that is made a power of two from being rounded below it. */
const ALMOST = 1 + 1e-9;
/** How many times the gate and up may be what they were seen to be; the decoder refuses a step beyond. */
const ROOM = 2;
/** The share of channels of the product that may have coarser steps than their range asks for. */
const SACRIFICED = 0.01;
/** Headroom of channels of the product that tower above all others: the first token's come out alike in every text. */
const TOWERING = 1.2;
/** A layer's product may lose so much of its headroom, in bits, to a shift that its sums are a little too large for. */
const YIELD = 0.5;

/**
 * Scales from what was seen, for models so wide that what their weights guarantee would leave too few bits. Each is
 * as large as its range allows, but for what `alignment` takes.
 */
export function chooseObservedScales(
  model: FloatModel,
  config: ModelConfig,
  ranges: Ranges,
  normBits: number,
  headroom: Headroom,
): ActivationScales {
  const { layers, dim, hidden } = config;
  const shapes = weightShapes(config);
  const x = normScale(dim, normBits);
  const xs = new Float64Array(dim).fill(x);
  const scaled = (name: MatrixName, out: Float64Array, input: Float64Array): ScaledMatrix => ({
    values: model[name]!,
    bias: model[BIAS_OF[name]],
    shape: shapes[name],
    sides: [out, input],
  });
  const align = (name: MatrixName, alpha: Float64Array) => times(alpha, alignment(scaled(name, alpha, xs)));
  const fit = (seen: Float64Array, room: number) =>
    floored(seen, layers, 50).map((range) => A / (room * range));

  const gate = align("gate", new Float64Array(hidden).fill(WORD / (ROOM * ranges.gate)))[0]!;
  const rotated = chooseRotated(config, fit(ranges.q, headroom.rotated), fit(ranges.k, headroom.rotated));
  const [q, k] = [align("wq", rotated.q), align("wk", rotated.k)];
  const product = q[0]! * k[0]!;
  const v = align("wv", fit(ranges.v, headroom.v));

  // the scales of what enters `down` and the residual stream's steps bound each other: by what it may sum up to
  const limit = model.up ? GATED_LIMIT : A;
  const largestA = limit / (headroom.a * ranges.a);
  const wanted = model.up ? productScales(ranges, layers, headroom.prod) : ungated(largestA, ranges).prod;
  const last = WORD / (headroom.residual * ranges.h.reduce((a, b) => Math.max(a, b)));
  const updates = new Float64Array(layers * dim).fill(last);
  const down = largestFactors(scaled("down", updates, wanted));
  const wo = largestFactors(scaled("wo", updates, outputScales(v, config).scales));
  const permitted = permittedSteps(model, ranges.h, headroom.residual * last);
  const steps = finestSteps(permitted, down.map(Math.log2), wo.map(Math.log2), model.up ? YIELD : 0);
  const prod = wanted.map((alpha, i) => {
    const layer = Math.floor(i / hidden);
    const least = ALMOST * 2 ** (steps.down + steps.finer[layer + 1]!);
    return model.up ? alpha * Math.max(1, least / down[layer]!) : alpha;
  });
  const gated = model.up
    ? splitProduct(prod, largestA / 2, upBounds(ranges, layers), (up) => scaled("up", up, xs))
    : { a: largestA, ...ungated(largestA, ranges) };

  const h = Float64Array.from(steps.finer, (exponent) => last * 2 ** exponent);
  return { x, h, gate, activationLimit: limit, q, k, product, v, ...gated };
}

/** (layers, hidden): of the product of a and up, as what was seen of it asks for. */
function productScales({ prod }: Ranges, layers: number, headroom: number): Float64Array {
  const usual = medians(prod, layers);
  return prod.map((range, i) => {
    const moderate = Math.max(4 * usual[i]!, Math.min(range, 30 * usual[i]!));
    return A / Math.max(headroom * moderate, TOWERING * range);
  });
}

/** (layers, hidden): the largest scales of up, which must not leave its 16 bits. */
function upBounds({ up }: Ranges, layers: number): Float64Array {
  const usual = medians(up, layers);
  const ranges = up.map((range, i) => Math.max(range, 3 * usual[i]!));
  return floored(ranges, layers, 4).map((range) => WORD / (ROOM * range));
}

/**
 * Scales of up and a, which have the product's between them: a's is the one between `leastA` and twice that which
 * aligns up. Where a few rows' weights would keep all others' small, these rows' products become coarser instead.
 */
function splitProduct(
  prod: Float64Array,
  leastA: number,
  bound: Float64Array,
  matrix: (up: Float64Array) => ScaledMatrix,
) {
  const prodShift = largestProdShift(prod, bound, leastA);
  const wide = minimum(times(prod, 2 ** prodShift / leastA), bound);
  const rows = rowFactors(matrix(wide));
  const most = rows.slice().sort()[Math.floor(rows.length * SACRIFICED)]!;
  const trimmed = wide.map((alpha, i) => alpha * Math.min(1, rows[i]! / most));
  const share = alignment(matrix(trimmed));
  const up = times(trimmed, share);
  const a = leastA / share;
  return { a, up, prod: times(up, a / 2 ** prodShift), prodShift };
}

/**
 * What makes α_out smaller, by less than half, so that the largest factor of the weights is a power of two: no part
 * of a bit is lost to the shift that follows.
 */
function alignment(matrix: ScaledMatrix): number {
  const factor = largestFactor(matrix);
  const shift = Math.min(MAX_SHIFT, Math.ceil(Math.log2(factor)));
  return Math.min(1, factor / 2 ** shift / ALMOST);
}

/**
 * (layers + 1): by how many bits the stream's steps may be finer than 1/scale there, for what it was seen to reach;
 * in the first layer, for all that embedding and positions have.
 */
function permittedSteps(model: FloatModel, seen: Float64Array, scale: number): number[] {
  const most = (values: ArrayLike<number>) => {
    let found = 0;
    for (let i = 0; i < values.length; i++) found = Math.max(found, Math.abs(values[i]!));
    return found;
  };
  const embedded = most(model.embedding) + most(model.positions ?? []);
  return Array.from(seen, (range, layer) =>
    Math.floor(Math.log2(WORD / (scale * (layer === 0 ? Math.max(range, embedded) : range)))),
  );
}

/** The residual stream's steps. */
interface Steps {
  /** (layers + 1): 2^finer of them make one of the last layer's; never rising */
  readonly finer: readonly number[];
  /** The shift behind `down`. */
  readonly down: number;
}

/**
 * Steps as fine as is permitted and costs no shift a bit: shifts are those that the layers with the longest steps
 * need. `down` and `wo` (layers) are log2 of the largest factors of their weights in steps of the last layer.
 */
function finestSteps(
  permitted: readonly number[],
  down: readonly number[],
  wo: readonly number[],
  yielding: number,
): Steps {
  const shiftOf = (factors: readonly number[], first: number) => {
    const coarse = factors.filter((_, layer) => permitted[layer + first]! <= 0);
    return Math.min(MAX_RESIDUAL_SHIFT, Math.floor(Math.min(...coarse)));
  };
  const downShift = shiftOf(
    down.map((factor) => factor + yielding),
    1,
  );
  const woShift = shiftOf(wo, 0);
  const finer: number[] = [];
  permitted.forEach((most, layer) => {
    const limits = [most, finer[layer - 1] ?? most];
    if (layer < wo.length) limits.push(Math.floor(wo[layer]! - woShift));
    if (layer > 0) limits.push(Math.floor(down[layer - 1]! - downShift));
    finer.push(Math.max(0, Math.min(...limits)));
  });
  for (let layer = down.length - 1; layer >= 0; layer--)
    finer[layer] = Math.min(finer[layer]!, finer[layer + 1]! + downShift);
  return { finer, down: downShift };
}

/** For each channel the median of its layer's: one that moves rarely was seen for a few tokens only. */
function medians(seen: Float64Array, layers: number): Float64Array {
  const width = seen.length / layers;
  const found = Float64Array.from(
    { length: layers },
    (_, layer) => seen.slice(layer * width, (layer + 1) * width).sort()[width >> 1]!,
  );
  return seen.map((_, i) => found[Math.floor(i / width)]! + 1e-9);
}

const times = (values: Float64Array, factor: number) => values.map((value) => value * factor);
