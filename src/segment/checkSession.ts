import { checkDescription } from "../decode/checkDescription.ts";
import { P } from "../field/m31.ts";
import type { Profile } from "../whir/profile.ts";
import type { Session } from "./statement.ts";

/** No number of a profile is larger: query counts and grinding would not be finished. */
const LARGEST_PROFILE_NUMBER = 256;
const MOST_CLAIMS = 2 ** 20;

/**
 * Throws unless the session is well-formed: every number an integer in its range, so that equal model ids
 * mean equal sessions, and nothing so large that verifying would not end.
 */
export function checkSession(session: Session): void {
  const { description, fixed, logSegment, promptLength, profile } = session;
  checkProfile(profile);
  checkDescription(description);
  const { capacity } = description.config;
  expectInteger("logSegment", logSegment, 1, Math.log2(capacity));
  expectInteger("promptLength", promptLength, 1, capacity);
  expectWords("fixed.root", fixed.root, 8, 2 ** 32);
  expectWords("fixed.value", fixed.value, 5, P);
}

function checkProfile(profile: Profile): void {
  const { trace, context, fixed } = profile.oracles;
  const numbers = {
    securityBits: profile.securityBits,
    ...prefixed("rounds", profile.rounds),
    ...prefixed("trace", { logFold: trace.logFold, logInvRate: trace.logInvRate }),
    ...prefixed("context", { logFold: context.logFold, logInvRate: context.logInvRate }),
    ...prefixed("fixed", { logFold: fixed.logFold, logInvRate: fixed.logInvRate }),
    logFinal: profile.logFinal,
    queryGrinding: profile.queryGrinding,
    foldGrinding: profile.foldGrinding,
    maxFoldGrinding: profile.maxFoldGrinding,
    maxBatchGrinding: profile.maxBatchGrinding,
    maxLookupGrinding: profile.maxLookupGrinding,
  };
  for (const [name, value] of Object.entries(numbers))
    expectInteger(`profile ${name}`, value, 0, LARGEST_PROFILE_NUMBER);
  expectInteger("profile maxClaims", profile.maxClaims, 0, MOST_CLAIMS);
  const kinds = [trace, context, fixed].map(({ outOfDomain }) => outOfDomain).join();
  if (kinds !== "transcript,root,root")
    throw new Error(`expected out-of-domain samples by transcript, root, root, found ${kinds}`);
}

function prefixed(prefix: string, numbers: object): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${prefix}.${name}`, value]));
}

function expectInteger(name: string, found: unknown, low: number, high: number): void {
  if (!Number.isInteger(found) || (found as number) < low || (found as number) > high)
    throw new Error(`expected ${name} to be an integer in [${low}, ${high}], found ${String(found)}`);
}

function expectWords(name: string, found: readonly number[], length: number, below: number): void {
  if (!Array.isArray(found) || found.length !== length)
    throw new Error(`expected ${name} to be ${length} words, found ${String(found)}`);
  for (const word of found) expectInteger(`a word of ${name}`, word, 0, below - 1);
}
