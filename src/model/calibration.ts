import { argmax } from "./decoder.ts";
import { FloatDecoder, type FloatProbe } from "./floatDecoder.ts";
import type { FloatModel } from "./floatModel.ts";

/** The largest magnitudes that the float model reaches on its calibration streams. */
export interface Ranges {
  /** The residual stream's, and the norms' outputs before their gains. */
  readonly h: number;
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
  /** The token that they begin with; 1, as in llama2.c, if not given. */
  readonly bos?: number;
}

/**
 * The model's own text: one greedy continuation of BOS and several sampled ones. A language model's
 * samples look to it like its training text, so no file is needed.
 */
export function ownStreams(model: FloatModel, options: CalibrationOptions): number[][] {
  const { capacity, samples = 8, seed = 1, bos = 1 } = options;
  const random = lehmer(seed);
  const streams: number[][] = [];
  for (let i = 0; i <= samples; i++) {
    const decoder = new FloatDecoder(model, capacity);
    const tokens = [bos];
    while (tokens.length < capacity) {
      const logits = decoder.step(tokens.at(-1)!);
      tokens.push(i === 0 ? argmax(logits) : sample(logits, random()));
    }
    streams.push(tokens);
  }
  return streams;
}

/** The ranges over streams; a stream's last token is only predicted. */
export function observeRanges(model: FloatModel, streams: readonly (readonly number[])[]): Ranges {
  const { layers, dim, kvHeads, headDim, hidden } = model;
  const channels = {
    q: new Float64Array(layers * dim),
    k: new Float64Array(layers * kvHeads * headDim),
    v: new Float64Array(layers * kvHeads * headDim),
    up: new Float64Array(layers * hidden),
    prod: new Float64Array(layers * hidden),
  };
  const whole = { h: 0, x: 0, gate: 0, a: 0 };
  const observe: FloatProbe = (name, layer, values) => {
    if (name === "h" || name === "x" || name === "gate" || name === "a") {
      for (const value of values) whole[name] = Math.max(whole[name], Math.abs(value));
      return;
    }
    const start = layer * values.length;
    for (let i = 0; i < values.length; i++) {
      channels[name][start + i] = Math.max(channels[name][start + i]!, Math.abs(values[i]!));
    }
  };
  for (const stream of streams) new FloatDecoder(model, stream.length).steps(stream.slice(0, -1), observe);
  return { ...whole, ...channels };
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
