import { BOS, type Tokenizer } from "./tokenizer.ts";

export const STORY_SEPARATOR = "<|endoftext|>";

/**
 * Each text by itself, cut into windows of at most `capacity` tokens that do not overlap; every window
 * begins with BOS, and every token but BOS is predicted once.
 */
export function textWindows(texts: readonly string[], tokenizer: Tokenizer, capacity: number): number[][] {
  const windows: number[][] = [];
  for (const text of texts) {
    const tokens = tokenizer.encode(text, { bos: false });
    // a window of n tokens behind BOS needs n positions: the last token is only predicted
    for (let at = 0; at < tokens.length; at += capacity) windows.push([BOS, ...tokens.slice(at, at + capacity)]);
  }
  return windows;
}

/** The texts of a file that separates them by a line of its own. */
export function splitTexts(file: string): string[] {
  return file.split(STORY_SEPARATOR).map((text) => text.trim()).filter((text) => text.length > 0);
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
      total += surprise(scorer.step(window[i]!), scorer.logitScale, window[i + 1]!);
      scored++;
    }
  }
  if (scored === 0) throw new Error("perplexity: expected at least one window of two tokens, found none");
  return { perplexity: Math.exp(total / scored), loss: total / scored, scored };
}

/** −ln softmax(logits / scale)[token] */
export function surprise(logits: ArrayLike<number>, scale: number, token: number): number {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) max = Math.max(max, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i]! - max) / scale);
  return Math.log(sum) - (logits[token]! - max) / scale;
}
