import type { Tokenizer } from "./tokenizer.ts";

export const STORY_SEPARATOR = "<|endoftext|>";

/**
 * The evaluation windows, as training cuts them: each text by itself, BOS first, cut into consecutive
 * windows of `capacity` tokens that do not overlap; every token but BOS is predicted once, from its
 * window's tokens only. A window's last token is only predicted, so it has capacity + 1 tokens.
 */
export function textWindows(texts: readonly string[], tokenizer: Tokenizer, capacity: number): number[][] {
  const windows: number[][] = [];
  for (const text of texts) {
    const tokens = tokenizer.encode(text);
    for (let at = 0; at < tokens.length - 1; at += capacity)
      windows.push(tokens.slice(at, at + capacity + 1));
  }
  return windows;
}

/** The texts of a file that separates them by a line of its own. */
export function splitTexts(file: string): string[] {
  return file
    .split(STORY_SEPARATOR)
    .map((text) => text.trim())
    .filter((text) => text.length > 0);
}

/** What a perplexity is measured on: any decoder that can begin again. */
export interface Scorer {
  reset(): void;
  /** Logits after this token, times `logitScale`. */
  step(token: number): ArrayLike<number>;
  readonly logitScale: number;
}

export interface Perplexity {
  readonly perplexity: number;
  /** Mean −ln p. */
  readonly loss: number;
  readonly scored: number;
}

export function perplexity(scorer: Scorer, windows: readonly (readonly number[])[]): Perplexity {
  let total = 0;
  let scored = 0;
  for (const window of windows) {
    scorer.reset();
    for (let i = 0; i + 1 < window.length; i++) {
      total -= logSoftmax(scorer.step(window[i]!), scorer.logitScale)[window[i + 1]!]!;
      scored++;
    }
  }
  if (scored === 0) throw new Error("perplexity: expected at least one window of two tokens, found none");
  return { perplexity: Math.exp(total / scored), loss: total / scored, scored };
}

/** ln softmax(logits / scale) */
export function logSoftmax(logits: ArrayLike<number>, scale: number): Float64Array {
  const out = new Float64Array(logits.length);
  let max = -Infinity;
  for (let i = 0; i < out.length; i++) max = Math.max(max, logits[i]!);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = (logits[i]! - max) / scale;
    sum += Math.exp(out[i]!);
  }
  const log = Math.log(sum);
  return out.map((value) => value - log);
}
