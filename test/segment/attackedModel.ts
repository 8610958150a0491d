import type { IntegerModel } from "../../src/model/integerModel.ts";
import { LLAMA, type ModelOptions } from "../../src/model/options.ts";
import type { Sampler } from "../../src/model/sampler.ts";
import { tinyModel } from "../model/tinyModel.ts";

/** Every axis that can be padded is: 3 of 4 layers, 3 of 4 KV heads, 24 of 32 features, 12 of 16, 13 of 16 words. */
export const attackedModel = (options: ModelOptions = LLAMA): IntegerModel =>
  tinyModel({ layers: 3, dim: 24, heads: 6, kvHeads: 3, hidden: 12, vocab: 13, ...options });

/** Warm enough that many words of the attacked model keep some weight, and some do not. */
export const attackedSampler: Sampler = { temperature: 60, minP: 0.4, logitScale: 2 ** 20, seed: 7 };
