import { buildModel } from "../src/model/buildModel.ts";
import {
  ACTIVATION_LIMIT,
  type ModelConfig,
  normBitsFor,
  ROTATION_LIMIT,
  scoreShiftFor,
} from "../src/model/config.ts";
import { LLAMA } from "../src/model/options.ts";
import { rotaryFrequencies } from "../src/model/rotary.ts";
import { type IntegerModel, NO_BIASES, type Weights, weightShapes } from "../src/model/integerModel.ts";

/** The architecture of SmolLM2-135M at capacity 256, its head not tied to the embedding. */
export const SMOLLM2_135M: ModelConfig = {
  dim: 576,
  hidden: 1536,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  vocab: 49152,
  capacity: 256,
  sequence: 8192,
  ...LLAMA,
};

/** The architecture of the embedded model. */
export const EMBEDDED: ModelConfig = {
  dim: 128,
  hidden: 256,
  layers: 4,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocab: 512,
  capacity: 256,
  sequence: 256,
  ...LLAMA,
};

/** A model of this shape, of the Llama family, with random weights, as large as the static bounds allow: costs what a real one costs, says nothing. */
export function syntheticModel(config: ModelConfig): IntegerModel {
  const shifts = { q: 10, k: 11, v: 12, o: 12, gate: 10, up: 10, down: 12, prod: 11 };
  const limit: Record<Exclude<keyof Weights, "embedding">, number> = {
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
  let state = 1;
  const weights = {} as Record<keyof Weights, Int16Array>;
  for (const [key, [count, rows, cols]] of Object.entries(weightShapes(config))) {
    const name = key as keyof Weights;
    const largest = name === "embedding" ? 20000 : Math.floor(limit[name] / ACTIVATION_LIMIT / cols);
    const values = new Int16Array(count * rows * cols);
    for (let k = 0; k < values.length; k++) {
      state ^= state << 13; // xorshift32
      state ^= state >>> 17;
      state ^= state << 5;
      values[k] = (state >> 16) % (Math.min(32767, largest) + 1);
    }
    weights[name] = values;
  }
  const scales = { expDelta: 1 / 1024, gate: 512, activation: 400, logit: 2 ** 20 };
  const [, normBits] = normBitsFor(config.dim);
  return buildModel({
    config,
    shifts,
    normBits,
    scoreShift: scoreShiftFor(config.headDim),
    scales,
    frequencies: rotaryFrequencies(config.headDim, 100000),
    weights,
    biases: NO_BIASES,
  });
}
