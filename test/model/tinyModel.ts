import { buildModel } from "../../src/model/buildModel.ts";
import { checkBounds } from "../../src/model/checkBounds.ts";
import {
  ACTIVATION_LIMIT,
  type ModelConfig,
  normBitsFor,
  ROTATION_LIMIT,
  scoreShiftFor,
} from "../../src/model/config.ts";
import { rotaryFrequencies } from "../../src/model/rotary.ts";
import {
  BIAS_OF,
  biasShapes,
  type IntegerModel,
  type MatrixName,
  type Weights,
  weightShapes,
} from "../../src/model/integerModel.ts";
import { type BiasName, isGated, isRotary, LLAMA, type ModelOptions } from "../../src/model/options.ts";

export interface TinyOptions extends Partial<Omit<ModelConfig, "headDim" | "sequence">> {
  readonly seed?: number;
}

/** What GPT-2 becomes when its norms are folded. */
export const GPT2: ModelOptions = {
  positions: "learned",
  activation: "gelu",
  biases: ["bq", "bo", "bGate", "bDown", "bHead"],
};
export const QWEN2: ModelOptions = { ...LLAMA, biases: ["bq", "bk", "bv"] };

/** mulberry32: uniform in [0, 1), the same everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A random integer model that passes `checkBounds`, of the Llama family and small by default: dim 8, hidden 16, 2 layers,
 * 2 heads of 4, 1 KV head, vocabulary 16, capacity 16. Its activations spread over their ranges and
 * some of them saturate.
 */
export function tinyModel(options: TinyOptions = {}): IntegerModel {
  const {
    seed = 1,
    dim = 8,
    hidden = 16,
    layers = 2,
    heads = 2,
    kvHeads = 1,
    vocab = 16,
    capacity = 16,
    positions = LLAMA.positions,
    activation = LLAMA.activation,
    biases = LLAMA.biases,
  } = options;
  const kind = { positions, activation, biases };
  const config = {
    dim,
    hidden,
    layers,
    heads,
    kvHeads,
    headDim: dim / heads,
    vocab,
    capacity,
    sequence: capacity,
    ...kind,
  };
  const gatedShifts = isGated(kind) ? { up: 10, prod: 11 } : { up: 0, prod: 0 };
  const shifts = { q: 10, k: 11, v: 12, o: 12, gate: 10, down: 12, ...gatedShifts };
  // each row's L1 norm may reach this share of what its bound allows
  const allowed: Record<keyof Weights, number> = {
    embedding: 0,
    positions: 0,
    wq: 0.9 * ROTATION_LIMIT * 2 ** shifts.q,
    wk: 0.9 * ROTATION_LIMIT * 2 ** shifts.k,
    wv: 0.6 * 2 ** (15 + shifts.v),
    wo: 0.5 * 2 ** (15 + shifts.o),
    gate: 0.9 * 2 ** (15 + shifts.gate),
    up: 0.9 * 2 ** (15 + shifts.up),
    down: 0.5 * 2 ** (15 + shifts.down),
    head: 0.9 * 2 ** 29,
  };
  const random = randomNumbers(seed);
  const weights = {} as Record<keyof Weights, Int16Array>;
  for (const [key, [count, rows, cols]] of Object.entries(weightShapes(config))) {
    const name = key as keyof Weights;
    const largest =
      name === "embedding" || name === "positions"
        ? isRotary(kind)
          ? 20000
          : 14000
        : Math.min(32767, Math.floor(allowed[name] / ACTIVATION_LIMIT / cols));
    weights[name] = Int16Array.from({ length: count * rows * cols }, () =>
      Math.round((2 * random() - 1) * largest),
    );
  }
  // as large as the products that they are added to often are
  const biasValues = {} as Record<BiasName, Int32Array>;
  for (const [matrix, name] of Object.entries(BIAS_OF)) {
    const [count, rows] = biasShapes(config)[name];
    biasValues[name] = Int32Array.from({ length: count * rows }, () =>
      Math.round((2 * random() - 1) * 0.09 * allowed[matrix as MatrixName]),
    );
  }
  const scales = { expDelta: 1 / 1024, gate: 512, activation: 400, logit: 2 ** 20 };
  const model = buildModel({
    config,
    shifts,
    normBits: normBitsFor(dim)[dim > 16 ? 1 : 0],
    scoreShift: scoreShiftFor(config.headDim),
    scales,
    frequencies: isRotary(kind) ? rotaryFrequencies(config.headDim, 10000) : new Float64Array(),
    weights,
    biases: biasValues,
  });
  checkBounds(model);
  return model;
}
