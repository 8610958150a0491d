import { checkDescription } from "../model/description.ts";
import { checkSampler } from "../model/sampler.ts";
import { P } from "../field/m31.ts";
import type { Profile } from "../whir/profile.ts";
import type { Commitment, Session } from "./statement.ts";

/** Largest logarithms and grinding bits of a profile: with more, query counts and grinding would not be finished. */
const LARGEST_LOG = 32;
const MOST_CLAIMS = 2 ** 20;

/**
 * Throws unless the session is well-formed: every number an integer in its range, so that equal model ids
 * mean equal sessions, and nothing so large that verifying would not end.
 */
export function checkSession(session: Session): void {
  const { description, fixed, logSegment, promptLength, profile, sampler } = session;
  checkProfile(profile);
  checkDescription(description);
  const { capacity } = description.config;
  expectInteger("logSegment", logSegment, 1, Math.log2(capacity));
  expectInteger("promptLength", promptLength, 1, capacity);
  checkCommitment("fixed", fixed);
  if (sampler !== undefined) checkSampler(sampler, description.config.vocab);
}

/** Throws unless every number of the profile is an integer in its range. */
export function checkProfile(profile: Profile): void {
  const { trace, context, fixed } = profile.oracles;
  expectInteger("profile securityBits", profile.securityBits, 1, 256);
  for (const [name, { logFold, logInvRate }] of Object.entries({
    trace,
    context,
    fixed,
    rounds: profile.rounds,
  })) {
    expectInteger(`profile ${name}.logFold`, logFold, 1, LARGEST_LOG);
    expectInteger(`profile ${name}.logInvRate`, logInvRate, 1, LARGEST_LOG);
  }
  expectInteger("profile rounds.maxLogInvRate", profile.rounds.maxLogInvRate, 1, LARGEST_LOG);
  // Folds leave at least two variables, so a smaller final polynomial would never be reached.
  expectInteger("profile logFinal", profile.logFinal, 2, LARGEST_LOG);
  const { queryGrinding, foldGrinding, maxFoldGrinding, maxBatchGrinding, maxLookupGrinding } = profile;
  const others = {
    queryGrinding,
    foldGrinding,
    maxFoldGrinding,
    maxBatchGrinding,
    maxLookupGrinding,
  };
  for (const [name, value] of Object.entries(others)) expectInteger(`profile ${name}`, value, 0, LARGEST_LOG);
  expectInteger("profile maxClaims", profile.maxClaims, 0, MOST_CLAIMS);
  const kinds = [trace, context, fixed].map(({ outOfDomain }) => outOfDomain).join();
  if (kinds !== "transcript,root,root")
    throw new Error(`expected out-of-domain samples by transcript, root, root, found ${kinds}`);
}

/** Throws unless root and value are words in their ranges. */
export function checkCommitment(name: string, { root, value }: Commitment): void {
  expectWords(`${name}.root`, root, 8, 2 ** 32);
  expectWords(`${name}.value`, value, 5, P);
}

export function expectInteger(name: string, found: unknown, low: number, high: number): void {
  if (!Number.isInteger(found) || (found as number) < low || (found as number) > high)
    throw new Error(`expected ${name} to be an integer in [${low}, ${high}], found ${String(found)}`);
}

function expectWords(name: string, found: readonly number[], length: number, below: number): void {
  if (!Array.isArray(found) || found.length !== length)
    throw new Error(`expected ${name} to be ${length} words, found ${String(found)}`);
  for (const word of found) expectInteger(`a word of ${name}`, word, 0, below - 1);
}
