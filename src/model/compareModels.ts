import { argmax, type Decoder } from "./decoder.ts";
import type { FloatDecoder } from "./floatDecoder.ts";
import { logSoftmax } from "./perplexity.ts";

/** How far an integer model is from its float source, on a text. */
export interface Comparison {
  /** Tokens that both predicted. */
  readonly tokens: number;
  readonly floatPerplexity: number;
  readonly integerPerplexity: number;
  /** Mean Kullback–Leibler divergence of the integer model's predictions from the float model's, in nats. */
  readonly divergence: number;
  /** The share of tokens where both have the same favourite. */
  readonly agreement: number;
}

/** Both models over the same windows (see `textWindows`), each of at least two tokens. */
export function compareModels(
  float: FloatDecoder,
  integer: Decoder,
  windows: readonly (readonly number[])[],
): Comparison {
  const sums = { tokens: 0, float: 0, integer: 0, divergence: 0, agreed: 0 };
  for (const window of windows) {
    float.reset();
    integer.rewind(0);
    const expected = float.steps(window.slice(0, -1));
    expected.forEach((logits, i) => {
      const favourite = integer.step(window[i]!);
      const p = logSoftmax(logits, 1);
      const q = logSoftmax(integer.logits, integer.model.scales.logit);
      const next = window[i + 1]!;
      sums.tokens++;
      sums.float -= p[next]!;
      sums.integer -= q[next]!;
      for (let token = 0; token < p.length; token++)
        sums.divergence += Math.exp(p[token]!) * (p[token]! - q[token]!);
      if (argmax(logits) === favourite) sums.agreed++;
    });
  }
  const { tokens } = sums;
  if (tokens === 0) throw new Error("comparison: expected at least one window of two tokens, found none");
  return {
    tokens,
    floatPerplexity: Math.exp(sums.float / tokens),
    integerPerplexity: Math.exp(sums.integer / tokens),
    divergence: sums.divergence / tokens,
    agreement: sums.agreed / tokens,
  };
}
