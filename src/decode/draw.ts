import { hashWords, labelWords } from "../hash/blake3.ts";
import {
  type Draw,
  DRAW_LIMBS,
  LOG_LIMB,
  type Sampler,
  samplingTable,
  sampleToken,
} from "../model/sampler.ts";

/** A seed below 2^53 as two words, the low one first. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

/** What the draw for a position is the hash of: numbers, or cells in the folding circuit. */
export function drawMessage<W>(seed: readonly W[], position: W): (W | number)[] {
  return [...labelWords("draw"), ...seed, position];
}

/** The draw for the token at this position: the low 14 bits of the first three words of H("draw", seed, position). */
export function drawOf(seed: number, position: number): Draw {
  const words = hashWords(drawMessage<number>(seedWords(seed), position));
  return Array.from(words.subarray(0, DRAW_LIMBS), (word) => word % 2 ** LOG_LIMB) as unknown as Draw;
}

/** Picks the token at a position from the logits (vocab) of the row before. */
export type TokenSampler = (logits: Int32Array, position: number) => number;

/** @throws if the sampler is not one for this vocabulary */
export function tokenSampler(sampler: Sampler, vocab: number): TokenSampler {
  const table = samplingTable(sampler, vocab);
  return (logits, position) => sampleToken(logits, table, drawOf(sampler.seed, position));
}
