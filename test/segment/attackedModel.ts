import type { IntegerModel } from "../../src/model/integerModel.ts";
import { BIASES, LLAMA } from "../../src/model/options.ts";
import type { Sampler } from "../../src/model/sampler.ts";
import { tinyModel, type TinyOptions } from "../model/tinyModel.ts";

/** Every axis that can be padded is: 3 of 4 layers, 3 of 4 KV heads, 24 of 32 features, 12 of 16, 13 of 16 words. */
const SHAPE = { layers: 3, dim: 24, heads: 6, kvHeads: 3, hidden: 12, vocab: 13 };

export const attackedModel = (options: TinyOptions = LLAMA): IntegerModel =>
  tinyModel({ ...SHAPE, ...options });

/** With a gate and all biases, and coarser steps behind two of its layers. */
export const COARSER: TinyOptions = { ...LLAMA, biases: BIASES, coarser: [3, 1, 0] };

/** Warm enough that many words of the attacked model keep some weight, and some do not. */
export const attackedSampler: Sampler = { temperature: 60, minP: 0.4, logitScale: 2 ** 20, seed: 7 };
