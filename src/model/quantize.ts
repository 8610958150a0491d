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
import { type IntegerModel, type Shifts, type Weights, weightShapes } from "./integerModel.ts";
import type { LlamaModel } from "./llamaModel.ts";
import { type Headroom, MARGIN, chooseScales, outputScales } from "./scales.ts";

export interface QuantizeOptions {
  readonly capacity: number;
  /** B of the norm's table; larger means finer and earlier saturation. */
  readonly normBits: number;
  readonly headroom: Headroom;
}

export function configOf(model: LlamaModel, capacity: number): ModelConfig {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab, sequence } = model;
  const config = { dim, hidden, layers, heads, kvHeads, headDim, vocab, capacity, sequence };
  checkConfig(config);
  return config;
}

/**
 * Chooses scales, then shifts, then rounds the weights: W_int = round(W · 2^s · α_out/α_in). Expects a
 * model whose gains are folded, and the ranges of that model.
 */
export function quantize(model: LlamaModel, ranges: Ranges, options: QuantizeOptions): IntegerModel {
  const { capacity, normBits, headroom } = options;
  const config = configOf(model, capacity);
  const { dim, hidden, headDim } = config;
  const scales = chooseScales(model, config, ranges, normBits, headroom);
  const { x, residual } = scales;
  const rows = weightShapes(config);
  const fill = (value: number, width: number) => new Float64Array(width).fill(value);

  // real weights times α_out/α_in
  const rescaled = {
    wq: rescale(model.wq, scales.q, fill(x, dim), rows.wq),
    wk: rescale(model.wk, scales.k, fill(x, dim), rows.wk),
    wv: rescale(model.wv, scales.v, fill(x, dim), rows.wv),
    wo: rescale(model.wo, fill(residual, dim), outputScales(scales.v, config).scales, rows.wo),
    gate: rescale(model.gate, fill(scales.gate, hidden), fill(x, dim), rows.gate),
    up: rescale(model.up, scales.up, fill(x, dim), rows.up),
    down: rescale(model.down, fill(residual, dim), scales.prod, rows.down),
  };
  const shifts = { prod: scales.prodShift } as Record<keyof Shifts, number>;
  const weights = {} as Record<keyof Weights, Int16Array>;
  for (const name of Object.keys(rescaled) as (keyof typeof rescaled)[]) {
    const most = name === "wo" || name === "down" ? MAX_RESIDUAL_SHIFT : MAX_SHIFT;
    const shift = Math.min(most, Math.floor(Math.log2(largestFactor(rescaled[name], rows[name][2]))));
    shifts[SHIFT_OF[name]] = shift;
    weights[name] = round(rescaled[name], 2 ** shift);
  }
  weights.embedding = round(model.embedding, residual);
  const headFactor = largestFactor(model.head, dim);
  weights.head = round(model.head, headFactor);

  const integer = buildModel({
    config,
    shifts,
    normBits,
    scales: {
      expDelta: 2 ** scoreShiftFor(headDim) / (scales.product * Math.sqrt(headDim)),
      gate: scales.gate,
      activation: scales.a,
      logit: headFactor * x,
    },
    frequencies: model.frequencies,
    weights,
  });
  checkBounds(integer);
  return integer;
}

const SHIFT_OF = { wq: "q", wk: "k", wv: "v", wo: "o", gate: "gate", up: "up", down: "down" } as const;

/** out and in are per layer, or the same for all layers. */
function rescale(
  matrix: Float32Array,
  out: Float64Array,
  input: Float64Array,
  [, rows, cols]: readonly [number, number, number],
): Float64Array {
  return Float64Array.from(matrix, (w, i) => {
    const row = Math.floor(i / cols);
    const column = Math.floor(row / rows) * cols + (i % cols);
    return (w * out[row % out.length]!) / input[column % input.length]!;
  });
}

/** The largest factor for which every weight is 16-bit and every accumulator stays below its limit. */
function largestFactor(matrix: Float32Array | Float64Array, cols: number): number {
  let weight = 1e-9;
  let norm = 1e-9;
  for (let at = 0; at < matrix.length; at += cols) {
    let sum = 0;
    for (let i = at; i < at + cols; i++) {
      sum += Math.abs(matrix[i]!);
      weight = Math.max(weight, Math.abs(matrix[i]!));
    }
    norm = Math.max(norm, sum);
  }
  return Math.min(32767 / weight, (MARGIN * ACCUMULATOR_LIMIT) / (ACTIVATION_LIMIT * norm));
}

function round(values: Float32Array | Float64Array, factor: number): Int16Array {
  return Int16Array.from(values, (value) => Math.max(-32768, Math.min(32767, Math.round(value * factor))));
}
