import { argmax } from "./decoder.ts";
import { FloatDecoder, type FloatProbe } from "./floatDecoder.ts";
import type { FloatModel } from "./floatModel.ts";

/** The largest magnitudes that the float model reaches on its calibration streams. */
export interface Ranges {
  /** (layers + 1): the residual stream's, at a layer's beginning and in its middle, and behind the last */
  readonly h: Float64Array;
  /** The norms' outputs before their gains. */
  readonly x: number;
  /** The activation's input and output. */
  readonly gate: number;
  readonly a: number;
  /** Per channel (layers, heads·headDim), after the rotation by position */
  readonly q: Float64Array;
  /** (layers, kvHeads·headDim), after the rotation */
  readonly k: Float64Array;
  /** (layers, kvHeads·headDim) */
  readonly v: Float64Array;
  /** (layers, hidden); 0 where nothing is gated, as `prod` */
  readonly up: Float64Array;
  /** (layers, hidden) */
  readonly prod: Float64Array;
}

export interface CalibrationOptions {
  /** Tokens per stream. */
  readonly capacity: number;
  /** Streams sampled at temperature 1, beside the greedy one. */
  readonly samples?: number;
  readonly seed?: number;
  /** What they begin with, in turns: tokens, each shorter than `capacity`; 1, as in llama2.c, if not given. */
  readonly beginnings?: readonly (readonly number[])[];
}

/**
 * The model's own text: one greedy continuation of a beginning and several sampled ones. A language model's
 * samples look to it like its training text, so no file is needed.
 */
export function ownStreams(model: FloatModel, options: CalibrationOptions): number[][] {
  const { capacity, samples = 8, seed = 1, beginnings = [[1]] } = options;
  const random = lehmer(seed);
  const streams: number[][] = [];
  for (let i = 0; i <= samples; i++) {
    const decoder = new FloatDecoder(model, capacity);
    const tokens = beginnings[(i + seed - 1) % beginnings.length]!.slice(0, capacity);
    decoder.steps(tokens.slice(0, -1));
    while (tokens.length < capacity) {
      const logits = decoder.step(tokens.at(-1)!);
      tokens.push(i === 0 ? argmax(logits) : sample(logits, random()));
    }
    streams.push(tokens);
  }
  return streams;
}

/**
 * Texts in two parts, every third in the second one: at most `capacity` tokens of each text, and of texts as many as
 * have so many tokens in all, at least one.
 */
export function divideTexts(
  texts: readonly (readonly number[])[],
  capacity: number,
  tokens: { readonly first: number; readonly second: number },
): [(readonly number[])[], (readonly number[])[]] {
  if (texts.length === 0) throw new Error("calibration: expected at least one text, found none");
  const take = (holds: (i: number) => boolean, most: number) => {
    const taken: (readonly number[])[] = [];
    let before = 0;
    texts.forEach((text, i) => {
      if (!holds(i) || (before >= most && taken.length > 0)) return;
      taken.push(text.slice(0, capacity));
      before += Math.min(text.length, capacity);
    });
    return taken;
  };
  // of one or two texts, the last one is in both
  const third = texts.length < 3 ? texts.length - 1 : 2;
  return [take((i) => i % 3 < 2, tokens.first), take((i) => i % 3 === third, tokens.second)];
}

/** The ranges over streams; a stream's last token is only predicted. */
export function observeRanges(model: FloatModel, streams: readonly (readonly number[])[]): Ranges {
  const { layers, dim, kvHeads, headDim, hidden } = model;
  const h = new Float64Array(layers + 1);
  const channels = {
    q: new Float64Array(layers * dim),
    k: new Float64Array(layers * kvHeads * headDim),
    v: new Float64Array(layers * kvHeads * headDim),
    up: new Float64Array(layers * hidden),
    prod: new Float64Array(layers * hidden),
  };
  const whole = { x: 0, gate: 0, a: 0 };
  const observe: FloatProbe = (name, layer, values) => {
    if (name === "h") {
      for (const value of values) h[layer] = Math.max(h[layer]!, Math.abs(value));
      return;
    }
    if (name === "x" || name === "gate" || name === "a") {
      for (const value of values) whole[name] = Math.max(whole[name], Math.abs(value));
      return;
    }
    const start = layer * values.length;
    for (let i = 0; i < values.length; i++) {
      channels[name][start + i] = Math.max(channels[name][start + i]!, Math.abs(values[i]!));
    }
  };
  for (const stream of streams) new FloatDecoder(model, stream.length).steps(stream.slice(0, -1), observe);
  return { h, ...whole, ...channels };
}

/** The token at which the cumulated probability passes `uniform`. */
function sample(logits: Float64Array, uniform: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b));
  const weights = logits.map((logit) => Math.exp(logit - max));
  let left = uniform * weights.reduce((a, b) => a + b);
  for (let token = 0; token < weights.length; token++) {
    left -= weights[token]!;
    if (left < 0) return token;
  }
  return argmax(logits);
}

/** Park–Miller generator: uniform in (0, 1). */
function lehmer(seed: number): () => number {
  let state = seed % 2147483647 || 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
