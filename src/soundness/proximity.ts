/**
 * What is known about Reed–Solomon codes up to the Johnson radius: agreement, list size, and the
 * error of a random line. No conjecture is used. docs/security.md states the theorems.
 *
 * Every parameter of the protocol follows from these numbers, so they are computed with the
 * operations that IEEE 754 rounds exactly (+ − · / √) and nothing else: no power, no logarithm. All
 * engines agree to the last bit; `ROUNDING` covers what the roundings add up to.
 */

const CHARACTERISTIC = 2147483647;

/** |F| for the quintic extension, rounded to 53 bits. */
export const FIELD_SIZE = CHARACTERISTIC * CHARACTERISTIC * CHARACTERISTIC * CHARACTERISTIC * CHARACTERISTIC;

/** Relative room for rounding in every comparison with a target; far above what 10^4 operations lose. */
export const ROUNDING = 1e-9;

/** Words over 2^(logDimension + logInvRate) points; codewords are the polynomials of degree < 2^logDimension. */
export interface Code {
  readonly logDimension: number;
  readonly logInvRate: number;
}

/** One choice of radius, with all that the analysis needs there. */
export interface Regime {
  /** 0: unique decoding; otherwise the multiplicity m of the Johnson regime. */
  readonly multiplicity: number;
  /** 1 − δ: a word within the radius agrees with a codeword on at least this share of the points. */
  readonly agreement: number;
  /** Codewords within the radius of any word, at most. */
  readonly listSize: number;
  /** Mutual correlated agreement of a line f0 + r·f1: probability over r of the bad event, at most. */
  readonly lineError: number;
}

/** 2^exponent, exactly: by squaring, as all that is multiplied is a power of two. */
export function powerOfTwo(exponent: number): number {
  let power = 1;
  let base = exponent < 0 ? 0.5 : 2;
  for (let bits = Math.abs(exponent); bits > 0; bits = Math.floor(bits / 2)) {
    if (bits % 2 === 1) power *= base;
    base *= base;
  }
  return power;
}

/**
 * Unique decoding: any δ < (1 − ρ)/2, one codeword, and at most n exceptional r: BCIKS20 (eprint
 * 2020/654) Theorem 1.4; mutual by WHIR (eprint 2024/1586) Lemma 4.10, Corollary 4.11. As n·(1 − ρ)/2
 * is an integer, a word outside every such radius still agrees on at most (1 + ρ)/2.
 */
export function uniqueDecoding(code: Code): Regime {
  const points = powerOfTwo(code.logDimension + code.logInvRate);
  const rate = powerOfTwo(-code.logInvRate);
  return { multiplicity: 0, agreement: (1 + rate) / 2, listSize: 1, lineError: points / FIELD_SIZE };
}

/**
 * The Johnson regime with multiplicity m ≥ 3: BCHKS25 (eprint 2025/2055) Theorem 4.6, lines (M = 1),
 * as printed. It speaks of the code of dimension k + 1, so with ρ = k/n = (dimension − 1)/n and
 * γ < 1 − √ρ it sets m = max(⌈√ρ/(1 − √ρ − γ)⌉, 3): we take γ = 1 − √ρ·(1 + 1/m). The exceptional r
 * number at most (2(m+½)⁵ + 3(m+½)γρ)/(3ρ^(3/2))·n + (m+½)/√ρ, for any evaluation domain.
 *
 * The list: Guruswami–Sudan interpolation with multiplicity ⌈m/2⌉ reaches this agreement, and the
 * degree in Y of its polynomial is at most ⌈m/2⌉·agreement/ρ.
 *
 * Both hold for any number of interleaved columns: those are a Reed–Solomon code on the same points
 * over a larger extension, in which the exceptional r of F are among the exceptional ones.
 *
 * @returns undefined where the radius is not positive
 */
export function johnson(code: Code, m: number): Regime | undefined {
  const points = powerOfTwo(code.logDimension + code.logInvRate);
  const rate = (powerOfTwo(code.logDimension) - 1) / points;
  const root = Math.sqrt(rate);
  const agreement = root * (1 + 1 / m);
  if (rate === 0 || agreement >= 1) return undefined;
  const half = m + 0.5;
  const exceptional =
    ((2 * half * half * half * half * half + 3 * half * (1 - agreement) * rate) / (3 * rate * root)) *
      points +
    half / root;
  const listSize = (Math.ceil(m / 2) * agreement) / rate;
  return { multiplicity: m, agreement, listSize, lineError: exceptional / FIELD_SIZE };
}

const MAX_MULTIPLICITY = 200;

/** Unique decoding, then the Johnson regime with growing m: growing radius, list and line error. */
export function* regimes(code: Code): Generator<Regime> {
  yield uniqueDecoding(code);
  for (let m = 3; m <= MAX_MULTIPLICITY; m++) {
    const regime = johnson(code, m);
    if (regime) yield regime;
  }
}

/** (1 − δ)^queries: all queries miss the disagreement of a word outside the radius. */
export function queryError(regime: Regime, queries: number): number {
  let error = 1;
  for (let i = 0; i < queries; i++) error *= regime.agreement;
  return error;
}

/**
 * One fold challenge: the line (1−r)·f0 + r·f1, and a sumcheck round of degree 2 for each codeword of
 * the list (WHIR Theorem 5.2, ε_fold; the list survives the fold by WHIR Lemma 4.13).
 */
export function foldError(regime: Regime): number {
  return regime.lineError + (2 * regime.listSize) / FIELD_SIZE;
}

/** Claims combined by powers of one challenge: a polynomial of degree claims − 1 for each codeword of the list. */
export function combinationError(listSize: number, claims: number): number {
  return (listSize * Math.max(1, claims - 1)) / FIELD_SIZE;
}

/**
 * An out-of-domain sample at a random multilinear point: two polynomials of one list agree there
 * with probability ≤ variables/|F| (Schwartz–Zippel; STIR, eprint 2024/390, Lemma 4.5, for our points).
 */
export function outOfDomainError(listSize: number, variables: number): number {
  return (listSize * listSize * variables) / 2 / FIELD_SIZE;
}

/** Whether `error`, after `grinding` bits of work, is at most 2^−bits. */
export function reaches(error: number, grinding: number, bits: number): boolean {
  return error * (1 + ROUNDING) <= powerOfTwo(grinding - bits);
}

/** The least grinding that brings `error` to 2^−bits. */
export function leastGrinding(error: number, bits: number): number {
  let grinding = 0;
  while (!reaches(error, grinding, bits)) grinding++;
  return grinding;
}
