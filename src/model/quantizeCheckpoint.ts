import { observeRanges, ownStreams } from "./calibration.ts";
import { normBitsFor } from "./config.ts";
import { Decoder } from "./decoder.ts";
import { FloatDecoder } from "./floatDecoder.ts";
import type { FloatModel } from "./floatModel.ts";
import { foldLayerNorm } from "./foldLayerNorm.ts";
import type { KernelMemory } from "./matrices.ts";
import { logSoftmax } from "./perplexity.ts";
import { configOf, type Quantized, quantize } from "./quantize.ts";
import { rotateResidual } from "./rotateResidual.ts";
import type { Headroom } from "./scales.ts";

export interface QuantizeSettings {
  /** A power of two; the largest up to 256 and the checkpoint's sequence if not given. */
  readonly capacity?: number;
  /** Makes the search faster, with the same result. */
  readonly kernels?: KernelMemory;
  /** What the model's own texts begin with; 1 if not given. */
  readonly bos?: number;
  readonly onCandidate?: (candidate: Candidate) => void;
}

/** One way to choose the scales, and how far its model is from the float model. */
export interface Candidate {
  readonly normBits: number;
  readonly headroom: Headroom;
  /** Mean Kullback–Leibler divergence, in nats per token, or why the model's bounds do not hold. */
  readonly divergence: number | string;
}

const GUARANTEED: Headroom = {
  residual: 1.75,
  rotated: 1.1,
  v: 1.1,
  a: 1.1,
  prod: 1.1,
  guaranteed: true,
};
const OBSERVED: Headroom = {
  residual: 1.1,
  rotated: 1.2,
  v: 1.5,
  a: 1.1,
  prod: 3,
  guaranteed: false,
};

/**
 * Saturating rare peaks leaves finer steps to everything else; how many of them is for measuring. Ranges that
 * the weights guarantee come first: worst cases grow with the width of a model, so that large ones need others.
 */
const STAGES: readonly (readonly Headroom[])[] = [
  [
    GUARANTEED,
    { ...GUARANTEED, a: 0.9 },
    { ...GUARANTEED, a: 0.8, prod: 1 },
    { ...GUARANTEED, a: 0.7, prod: 1 },
    { ...GUARANTEED, a: 0.6 },
  ],
  [OBSERVED, { ...OBSERVED, a: 0.7 }, { ...OBSERVED, residual: 0.8, a: 0.7 }],
];

/** A stage that comes this close, in nats a token, needs none after it. */
const CLOSE = 0.005;
/** One whose first candidates are this far off will not come close. */
const FAR = 0.1;

export const defaultCapacity = (model: FloatModel) =>
  2 ** Math.floor(Math.log2(Math.min(256, model.sequence)));

/**
 * The integer model of a checkpoint. Needs no text: the float model writes its own to be calibrated
 * on, and among the candidates the one whose predictions come closest to the float model's is taken.
 */
export function quantizeCheckpoint(
  checkpoint: FloatModel,
  settings: QuantizeSettings = {},
): Quantized & { chosen: Candidate } {
  const { capacity = defaultCapacity(checkpoint), kernels, bos, onCandidate } = settings;
  configOf(checkpoint, capacity); // before any work
  const float = rotateResidual(foldLayerNorm(checkpoint));
  const { length, calibrating, trying } = effortFor(checkpoint, capacity);
  const streams = (samples: number, seed: number) =>
    ownStreams(float, { capacity: length, samples, seed, bos });
  const ranges = observeRanges(float, streams(calibrating, 1));
  const trials = streams(trying, 2);
  const expected = trials.map((stream) => floatPredictions(float, stream));

  let best: (Quantized & { chosen: Candidate & { divergence: number } }) | undefined;
  const refusals: string[] = [];
  const attempt = (normBits: number, headroom: Headroom) => {
    const mark = kernels?.arena.mark();
    try {
      const quantized = quantize(float, ranges, { capacity, normBits, headroom });
      const divergence = meanDivergence(new Decoder(quantized.model, kernels), trials, expected);
      onCandidate?.({ normBits, headroom, divergence });
      if (!best || divergence < best.chosen.divergence)
        best = { ...quantized, chosen: { normBits, headroom, divergence } };
    } catch (error) {
      refusals.push(String(error));
      onCandidate?.({ normBits, headroom, divergence: String(error) });
    } finally {
      if (mark !== undefined) kernels!.arena.release(mark);
    }
  };
  for (const headrooms of STAGES) {
    for (const headroom of headrooms) {
      for (const normBits of normBitsFor(checkpoint.dim)) attempt(normBits, headroom);
      if (!best || best.chosen.divergence > FAR) break;
    }
    if (best && best.chosen.divergence < CLOSE) break;
  }
  if (!best)
    throw new Error(
      `quantization: expected scales within all bounds, found none: ${[...new Set(refusals)].join("; ")}`,
    );
  return best;
}

/** Multiplications that sampling each set of streams may cost, the greedy one aside: some 20 seconds. */
const BUDGET = 2e10;
/** Shorter streams show too little. */
const SHORTEST = 64;

/** How long streams are, and how many to sample beside the greedy ones: fewer of a large model. */
function effortFor({ layers, dim, hidden, vocab }: FloatModel, capacity: number) {
  const tokens = Math.floor(BUDGET / (layers * (4 * dim * dim + 3 * dim * hidden) + vocab * dim));
  const length = Math.min(capacity, Math.max(SHORTEST, tokens));
  const affordable = Math.floor(tokens / length);
  return { length, calibrating: Math.max(1, Math.min(8, affordable)), trying: Math.min(2, affordable) };
}

/** (position, vocab): ln p after each token */
function floatPredictions(model: FloatModel, stream: readonly number[]): Float64Array[] {
  const decoder = new FloatDecoder(model, stream.length);
  return decoder.steps(stream).map((logits) => logSoftmax(logits, 1));
}

/** Mean Σ p·(ln p − ln q), p the float model's, q the integer model's. */
function meanDivergence(
  decoder: Decoder,
  streams: readonly number[][],
  expected: readonly Float64Array[][],
): number {
  let total = 0;
  let count = 0;
  streams.forEach((stream, s) => {
    decoder.rewind(0);
    stream.forEach((token, position) => {
      decoder.step(token);
      const found = logSoftmax(decoder.logits, decoder.model.scales.logit);
      for (const [i, logP] of expected[s]![position]!.entries()) total += Math.exp(logP) * (logP - found[i]!);
      count++;
    });
  });
  return total / count;
}
