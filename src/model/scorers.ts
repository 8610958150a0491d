import { Decoder } from "./decoder.ts";
import { FloatDecoder } from "./floatDecoder.ts";
import type { IntegerModel } from "./integerModel.ts";
import type { FloatModel } from "./floatModel.ts";
import type { KernelMemory } from "./matrices.ts";
import type { Scorer } from "./perplexity.ts";

export function integerScorer(model: IntegerModel, kernels?: KernelMemory): Scorer {
  const decoder = new Decoder(model, kernels);
  return {
    logitScale: model.scales.logit,
    reset: () => decoder.rewind(0),
    step: (token) => {
      decoder.step(token);
      return decoder.logits;
    },
  };
}

export function floatScorer(model: FloatModel, capacity: number): Scorer {
  const decoder = new FloatDecoder(model, capacity);
  return {
    logitScale: 1,
    reset: () => decoder.reset(),
    step: (token) => decoder.step(token),
  };
}
