import type { ModelConfig } from "../model/config.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { checkSampler, type Sampler } from "../model/sampler.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import { expected, InputError, messageOf } from "./inputError.ts";

export const MIN_SEGMENT = 4;
export const MAX_SEGMENT = 256;

/** What a run is asked to do. */
export interface RunRequest {
  /** What the model goes on with. */
  readonly prompt: string;
  /** Tokens to generate, at most: a story may end earlier. */
  readonly tokens: number;
  /** Rows of a segment: a power of two from 4 to 256. */
  readonly segment: number;
  /** How tokens are sampled; the choice is greedy if it is left out. */
  readonly sampling?: SamplingRequest;
}

/** How tokens are sampled. */
export interface SamplingRequest {
  /** Divides the logits. */
  readonly temperature: number;
  /** Words less likely than this share of the likeliest one are left out. */
  readonly minP: number;
  /** Public: the same seed draws the same text. An integer below 2^53. */
  readonly seed: number;
}

export const DEFAULT_REQUEST: RunRequest = { prompt: "Once upon a time", tokens: 48, segment: 32 };

/** What a request for sampling may leave open. */
export const DEFAULT_SAMPLING = { minP: 0.05, seed: 0 } as const;

/** A request that the model can fulfil. */
export interface SessionPlan {
  readonly promptTokens: readonly number[];
  readonly tokens: number;
  readonly logSegment: number;
  readonly capacity: number;
}

/** Checks a segment size and returns its logarithm. */
export function logSegmentOf(segment: number): number {
  const log = Math.log2(segment);
  if (!Number.isInteger(log) || segment < MIN_SEGMENT || segment > MAX_SEGMENT)
    throw expected("segment", `a power of two from ${MIN_SEGMENT} to ${MAX_SEGMENT}`, String(segment));
  return log;
}

/** @throws InputError, one line that names what is wrong */
export function planSession(config: ModelConfig, tokenizer: Tokenizer, request: RunRequest): SessionPlan {
  const { capacity } = config;
  const { prompt, tokens, segment } = request;
  const logSegment = logSegmentOf(segment);
  if (segment > capacity)
    throw expected("segment", `at most ${capacity} rows, the model's context`, String(segment));
  if (!Number.isInteger(tokens) || tokens < 1)
    throw expected("tokens", "an integer, at least 1", String(tokens));
  if (prompt === "") throw expected("prompt", "some text", "none");
  if (tokenizer.vocab !== config.vocab)
    throw expected(
      "tokenizer",
      `${config.vocab} pieces, one for each token of the model`,
      String(tokenizer.vocab),
    );
  const promptTokens = tokenizer.encode(prompt);
  const { length } = promptTokens;
  if (length > capacity)
    throw expected("prompt", `at most ${capacity} tokens, the model's context`, String(length));
  // the last generated token is not consumed by a row
  const most = capacity - length + 1;
  if (tokens > most) {
    const room = `a prompt of ${length} tokens in a context of ${capacity}`;
    throw expected("tokens", `at most ${most} after ${room}`, String(tokens));
  }
  return { promptTokens, tokens, logSegment, capacity };
}

/** The sampler of this model. @throws InputError, one line that names what is wrong */
export function planSampler({ config, scales }: IntegerModel, request: SamplingRequest): Sampler {
  const { temperature, minP, seed } = request;
  const sampler = { temperature, minP, logitScale: scales.logit, seed };
  try {
    checkSampler(sampler, config.vocab);
  } catch (error) {
    throw new InputError(messageOf(error));
  }
  return sampler;
}
