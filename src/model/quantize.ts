import { buildModel } from "./buildModel.ts";
import type { Ranges } from "./calibration.ts";
import { checkBounds } from "./checkBounds.ts";
import {
  ACCUMULATOR_LIMIT,
  ACTIVATION_LIMIT,
  MAX_RESIDUAL_SHIFT,
  MAX_SHIFT,
  type ModelConfig,
  checkConfig,
  scoreShiftFor,
} from "./config.ts";
import {
  BIAS_OF,
  type IntegerModel,
  type MatrixName,
  NO_BIASES,
  type Shifts,
  type Weights,
  weightShapes,
} from "./integerModel.ts";
import { BIASES, type BiasName } from "./options.ts";
import type { FloatModel } from "./floatModel.ts";
import { type Headroom, MARGIN, chooseScales, outputScales } from "./scales.ts";

export interface QuantizeOptions {
  readonly capacity: number;
  /** B of the norm's table; larger means finer and earlier saturation. */
  readonly normBits: number;
  readonly headroom: Headroom;
}

export interface Quantized {
  readonly model: IntegerModel;
  /** Per matrix and layer: what rounding its weights changed, relative to their size (RMS). */
  readonly errors: Readonly<Partial<Record<keyof Weights, readonly number[]>>>;
}

export function configOf(model: FloatModel, capacity: number): ModelConfig {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab, sequence, activation, frequencies } = model;
  const config: ModelConfig = {
    dim,
    hidden,
    layers,
    heads,
    kvHeads,
    headDim,
    vocab,
    capacity,
    sequence,
    positions: frequencies ? "rotary" : "learned",
    activation,
    biases: BIASES.filter((name) => model[name] !== undefined),
  };
  checkConfig(config);
  return config;
}

/**
 * Chooses scales, then shifts, then rounds the weights: W_int = round(W · 2^s · α_out/α_in), b_int = round(b · 2^s ·
 * α_out). Expects a model whose norms are folded, and the ranges of that model.
 */
export function quantize(model: FloatModel, ranges: Ranges, options: QuantizeOptions): Quantized {
  const { capacity, normBits, headroom } = options;
  const config = configOf(model, capacity);
  const { dim, hidden, headDim } = config;
  const scales = chooseScales(model, config, ranges, normBits, headroom);
  const { x, residual } = scales;
  const shapes = weightShapes(config);
  const fill = (value: number, width: number) => new Float64Array(width).fill(value);
  const xs = fill(x, dim);

  // α of outputs and inputs, per layer or the same for all
  const sides = {
    wq: [scales.q, xs],
    wk: [scales.k, xs],
    wv: [scales.v, xs],
    wo: [fill(residual, dim), outputScales(scales.v, config).scales],
    gate: [fill(scales.gate, hidden), xs],
    up: [scales.up, xs],
    down: [fill(residual, dim), scales.prod],
    head: [fill(1, 1), fill(1, 1)],
    embedding: [fill(1, 1), fill(1, 1)],
    positions: [fill(1, 1), fill(1, 1)],
  } as const satisfies Record<keyof Weights, readonly [Float64Array, Float64Array]>;
  // the head's products are of x as it is
  const headBias = model.bHead && Float64Array.from(model.bHead, (value) => value * x);
  const biasOf = (name: keyof Weights) => {
    if (name === "head") return headBias;
    return name in BIAS_OF ? model[BIAS_OF[name as MatrixName]] : undefined;
  };
  const shifts = { up: 0, prod: scales.prodShift } as Record<keyof Shifts, number>;
  const weights = {} as Record<keyof Weights, Int16Array>;
  const biases: Record<BiasName, Int32Array> = { ...NO_BIASES };
  const errors: Partial<Record<keyof Weights, readonly number[]>> = {};
  const factors = { head: 1 };
  for (const name of Object.keys(sides) as (keyof Weights)[]) {
    const values = model[name];
    if (!values) {
      weights[name] = new Int16Array();
      continue;
    }
    const matrix = { values, bias: biasOf(name), shape: shapes[name], sides: sides[name] };
    let factor = residual;
    if (name === "head") factors.head = factor = largestFactor(matrix);
    else if (name !== "embedding" && name !== "positions") {
      const most = name === "wo" || name === "down" ? MAX_RESIDUAL_SHIFT : MAX_SHIFT;
      const shift = Math.min(most, Math.floor(Math.log2(largestFactor(matrix))));
      shifts[SHIFT_OF[name]] = shift;
      factor = 2 ** shift;
    }
    ({ weights: weights[name], errors: errors[name] } = round(matrix, factor));
    if (name in BIAS_OF) biases[BIAS_OF[name as MatrixName]] = roundBias(matrix, factor);
  }

  const scoreShift = headroom.guaranteed ? scoreShiftFor(headDim) : finestScoreShift(headDim, scales.product);
  const integer = buildModel({
    config,
    shifts,
    normBits,
    scoreShift,
    scales: {
      expDelta: 2 ** scoreShift / (scales.product * Math.sqrt(headDim)),
      gate: scales.gate,
      activation: scales.a,
      logit: factors.head * x,
    },
    frequencies: model.frequencies ?? new Float64Array(),
    weights,
    biases,
  });
  checkBounds(integer);
  return { model: integer, errors };
}

/** Scores in steps of e^(1/100), or finer where they fit 16 bits anyway: so they may reach ±327. */
function finestScoreShift(headDim: number, product: number): number {
  const finest = Math.ceil(Math.log2((product * Math.sqrt(headDim)) / 100));
  return Math.max(1, Math.min(scoreShiftFor(headDim), finest));
}

const SHIFT_OF = { wq: "q", wk: "k", wv: "v", wo: "o", gate: "gate", up: "up", down: "down" } as const;

/** A real matrix whose entries are to be multiplied by α_out/α_in. */
interface ScaledMatrix {
  /** (layers, rows, cols) */
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number];
  /** α_out of (layers, rows) and α_in of (layers, cols), or the same for every layer. */
  readonly sides: readonly [Float64Array, Float64Array];
  /** (layers, rows): added to its products, and to be multiplied by α_out; perhaps none */
  readonly bias?: ArrayLike<number>;
}

/** One row at a time, so that no matrix is copied: `row` (cols) is valid during the call only. */
function forEachRow(
  { values, shape, sides }: ScaledMatrix,
  visit: (row: Float64Array, at: number) => void,
): void {
  const [layers, rows, cols] = shape;
  const [out, input] = sides;
  const row = new Float64Array(cols);
  for (let i = 0; i < layers * rows; i++) {
    const alpha = out[i % out.length]!;
    const column = Math.floor(i / rows) * cols;
    for (let j = 0; j < cols; j++)
      row[j] = (values[i * cols + j]! * alpha) / input[(column + j) % input.length]!;
    visit(row, i * cols);
  }
}

/** The largest factor for which every weight is 16-bit and every accumulator stays below its limit. */
function largestFactor(matrix: ScaledMatrix): number {
  let weight = 1e-9;
  let norm = 1e-9;
  const bias = scaledBias(matrix);
  forEachRow(matrix, (row, at) => {
    // a bias is as much as a weight of this size
    let sum = Math.abs(bias[at / row.length] ?? 0) / ACTIVATION_LIMIT;
    for (let j = 0; j < row.length; j++) {
      const size = Math.abs(row[j]!);
      sum += size;
      if (size > weight) weight = size;
    }
    norm = Math.max(norm, sum);
  });
  return Math.min(32767 / weight, (MARGIN * ACCUMULATOR_LIMIT) / (ACTIVATION_LIMIT * norm));
}

/** The bias in units of the matrix's products: (layers, rows), or nothing. */
function scaledBias({ bias, sides: [out] }: ScaledMatrix): Float64Array {
  return bias ? Float64Array.from(bias, (value, i) => value * out[i % out.length]!) : new Float64Array();
}

/** The bias times `factor`, rounded. */
function roundBias(matrix: ScaledMatrix, factor: number): Int32Array {
  return Int32Array.from(scaledBias(matrix), (value) => Math.round(value * factor));
}

/** The matrix times `factor`, rounded; and what that costs each layer, relative to its size (RMS). */
function round(matrix: ScaledMatrix, factor: number): { weights: Int16Array; errors: number[] } {
  const [layers, rows, cols] = matrix.shape;
  const weights = new Int16Array(layers * rows * cols);
  const lost = new Float64Array(layers);
  const size = new Float64Array(layers);
  forEachRow(matrix, (row, at) => {
    let lostHere = 0;
    let sizeHere = 0;
    for (let j = 0; j < row.length; j++) {
      const wanted = row[j]! * factor;
      const found = Math.max(-32768, Math.min(32767, Math.round(wanted)));
      weights[at + j] = found;
      lostHere += (found - wanted) ** 2;
      sizeHere += wanted ** 2;
    }
    const layer = Math.floor(at / (rows * cols));
    lost[layer]! += lostHere;
    size[layer]! += sizeHere;
  });
  return { weights, errors: Array.from(lost, (value, layer) => Math.sqrt(value / size[layer]!)) };
}
