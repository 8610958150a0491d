import { exp } from "./elementary.ts";

/** What a sampled session's weights follow from. All sessions with these settings share their rules. */
export interface SamplerSettings {
  /** Logits are divided by it. */
  readonly temperature: number;
  /** Words that are less likely than this share of the likeliest one are left out. */
  readonly minP: number;
  /** A logit stands for acc/logitScale: the model's `scales.logit`. */
  readonly logitScale: number;
}

/** How tokens are picked from the logits where it is not greedily; docs/semantics.md, "Sampling". */
export interface Sampler extends SamplerSettings {
  /** Of the draws; public. An integer below 2^53. */
  readonly seed: number;
}

/** The integers that the settings stand for. */
export interface SamplingTable {
  /** Logits are compared in steps of 2^shift. */
  readonly shift: number;
  /** (steps below the largest logit) in [0, 2^16): a word's weight; 0 from the first step that min-p leaves out. */
  readonly weights: Int32Array;
}

/** log2 of the steps that min-p may keep, and of the table, whose other half is zero. */
export const LOG_KEPT = 12;
export const LOG_STEPS = LOG_KEPT + 1;
/** A row's weights add up to less than 2^29, so that the ticket's limbs stay below p. */
export const LOG_TOTAL = 29;
/** Bits of a draw's limb, and limbs of a draw. */
export const LOG_LIMB = 14;
export const DRAW_LIMBS = 3;
/** With it the table spans the logits' whole range of 2^30. */
export const MAX_SAMPLING_SHIFT = 30 - LOG_STEPS;
/** The least weight that is kept is at least this, so that rounding changes no weight by more than 1/128. */
const LEAST_WEIGHT = 64;

/** A draw: a uniform number below 2^42 in limbs of 14 bits, lowest first. */
export type Draw = readonly [number, number, number];

/** The least min-p for this vocabulary: with a smaller one, rounding could show in the tail. */
export function leastMinP(vocab: number): number {
  return LEAST_WEIGHT / largestWeight(vocab);
}

/** Throws unless the sampler is one that the rules are sound for; names what is wrong. */
export function checkSampler(sampler: Sampler, vocab: number): void {
  if (!Number.isInteger(sampler.seed) || sampler.seed < 0 || sampler.seed >= 2 ** 53)
    throw wrong("seed", "an integer in [0, 2^53)", sampler.seed);
  samplingTable(sampler, vocab);
}

/**
 * Weights and step from the settings: by IEEE operations alone, the same on every engine.
 *
 * @throws if a setting is out of range
 */
export function samplingTable(
  { temperature, minP, logitScale }: SamplerSettings,
  vocab: number,
): SamplingTable {
  for (const [name, found] of Object.entries({ temperature, logitScale }))
    if (typeof found !== "number" || !(found > 0 && found < 2 ** 64))
      throw wrong(name, "a number in (0, 2^64)", found);
  const least = leastMinP(vocab);
  if (typeof minP !== "number" || !(minP >= least && minP < 1))
    throw wrong("minP", `a number in [${least}, 1) for a vocabulary of ${vocab}`, minP);
  /** e^(−gap/(logitScale·temperature)) */
  const share = (gap: number) => exp(-Math.min(gap / (logitScale * temperature), 600));
  const spans = (shift: number) => share(2 ** (LOG_KEPT + shift)) < minP;
  if (spans(0)) throw wrong("temperature", "a higher one, as logits are integers", temperature);
  let shift = 1;
  while (!spans(shift)) {
    if (shift === MAX_SAMPLING_SHIFT)
      throw wrong("temperature", "a lower one, as min-p would keep every word", temperature);
    shift++;
  }
  const weights = new Int32Array(2 ** LOG_STEPS); // (step) in [0, 2^16)
  for (let step = 0; step < 2 ** LOG_KEPT; step++) {
    const kept = share(step * 2 ** shift);
    if (kept >= minP) weights[step] = Math.floor(largestWeight(vocab) * kept + 0.5);
  }
  return { shift, weights };
}

/** Every word's weight. @param logits (vocab) |.| < 2^29 */
export function wordWeights(logits: Int32Array, { shift, weights }: SamplingTable): Int32Array {
  const top = logits.reduce((a, b) => Math.max(a, b));
  return logits.map((logit) => weights[(top - logit) >> shift] ?? 0);
}

/**
 * floor(total·draw / 2^42) for a total below 2^29, limb by limb: each takes the ticket to
 * floor((limb·total + ticket) / 2^14), whose high part comes from limb·floor(total / 2^14) and whose carry
 * from the rest.
 */
export function ticketOf(total: number, draw: Draw): { ticket: number; carries: number[] } {
  const high = Math.floor(total / 2 ** LOG_LIMB);
  const low = total % 2 ** LOG_LIMB;
  const carries: number[] = [];
  let ticket = 0;
  for (const limb of draw) {
    const carry = Math.floor((limb * low + ticket) / 2 ** LOG_LIMB);
    carries.push(carry);
    ticket = limb * high + carry;
  }
  return { ticket, carries };
}

/** The word on whose weight the ticket falls, when they lie one after the other. */
export function sampleToken(logits: Int32Array, table: SamplingTable, draw: Draw): number {
  const weights = wordWeights(logits, table);
  let { ticket } = ticketOf(
    weights.reduce((a, b) => a + b),
    draw,
  );
  return weights.findIndex((weight) => {
    ticket -= weight;
    return ticket < 0;
  });
}

function largestWeight(vocab: number): number {
  return Math.min(2 ** 16, 2 ** (LOG_TOTAL - Math.ceil(Math.log2(vocab)))) - 1;
}

function wrong(name: string, expected: string, found: unknown): Error {
  return new Error(`sampler: expected ${name} to be ${expected}, found ${String(found)}`);
}
