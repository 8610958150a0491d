import {
  type Code,
  combinationError,
  foldError,
  leastGrinding,
  outOfDomainError,
  type Regime,
  reaches,
  regimes,
} from "../soundness/proximity.ts";
import { fewGroups } from "./columns.ts";
import type { OracleKindName, Profile } from "./profile.ts";
import type { OracleShape, RoundShape, WhirShape } from "./shape.ts";

/** An oracle as its owner knows it; how it is encoded follows from its kind. */
export interface OracleSpec {
  readonly name: string;
  readonly kind: OracleKindName;
  readonly logSize: number;
  /** Cells in use, from the first; the rest are zero, and columns without any are neither stored nor hashed. All by default. */
  readonly cells?: number;
}

/** The line domain of the base field ends at D_29. */
const MAX_LOG_DOMAIN = 29;
/** Part of a query phase's error that is left to the combination challenge; `soundness` counts both. */
const COMBINATION_SHARE = 2 ** -10;
/** Variables that every fold leaves, so that its code has at least 4 dimensions. */
const KEPT = 2;
/** The stack has at least this many variables. */
const MIN_LOG_STACK = KEPT + 1;

/**
 * The opening of these oracles: folds, query counts, grinding, stacking and rounds. Nothing here
 * depends on a proof. Each oracle's regime is the one that needs the fewest queries.
 *
 * @throws if a round cannot reach `profile.securityBits`; the message names the round
 *
 * @example
 * ```ts
 * import { DEFAULT_PROFILE } from "./profile.ts";
 * import { whirShape } from "./whirShape.ts";
 * console.log(whirShape(DEFAULT_PROFILE, [{ name: "trace", kind: "trace", logSize: 21 }]));
 * ```
 */
export function whirShape(profile: Profile, specs: readonly OracleSpec[]): WhirShape {
  if (specs.length === 0) throw new Error("opening: expected at least one oracle");
  const plans = specs.map((spec) => plan(profile, spec));
  const oracles = plans.map(({ shape }) => shape);
  const { offsets, logSize, end } = stack(oracles.map((oracle) => oracle.logSize - oracle.logFold));
  const queries = oracles.reduce((sum, oracle) => sum + oracle.queries + 1, 0);
  const { rounds, logFinal } = planRounds(profile, logSize, end, queries);
  // Every oracle has a sumcheck of its own, so the prover chooses from one oracle's list, not from tuples.
  const list = Math.max(...plans.map(({ choice }) => choice.regime.listSize));
  const batchGrinding = leastGrinding(combinationError(list, profile.maxClaims), profile.securityBits);
  if (batchGrinding > profile.maxBatchGrinding)
    throw new Error(
      `batching: expected at most ${profile.maxBatchGrinding} bits of grinding to suffice, ${batchGrinding} are needed`,
    );
  return {
    oracles,
    residueOffsets: offsets,
    batchGrinding,
    queryGrinding: profile.queryGrinding,
    rounds,
    logFinal,
  };
}

function plan(profile: Profile, spec: OracleSpec): { shape: OracleShape; choice: Choice } {
  const kind = profile.oracles[spec.kind];
  if (!Number.isInteger(spec.logSize) || spec.logSize < KEPT + 1 || spec.logSize > 32)
    throw new Error(`oracle ${spec.name}: expected a size of 2^${KEPT + 1} to 2^32, got 2^${spec.logSize}`);
  const logFold = Math.min(kind.logFold, spec.logSize - KEPT);
  const cells = spec.cells ?? 2 ** spec.logSize;
  if (!Number.isInteger(cells) || cells < 1 || cells > 2 ** spec.logSize)
    throw new Error(`oracle ${spec.name}: expected 1 to 2^${spec.logSize} cells in use, got ${cells}`);
  const columns = fewGroups(Math.ceil(cells / 2 ** (spec.logSize - logFold)));
  const code = { logDimension: spec.logSize - logFold, logInvRate: kind.logInvRate };
  const choice = choose(profile, `oracle ${spec.name}`, code, spec.logSize);
  const shape: OracleShape = {
    name: spec.name,
    logSize: spec.logSize,
    logFold,
    columns,
    logInvRate: kind.logInvRate,
    queries: choice.queries,
    outOfDomain: kind.outOfDomain,
    foldGrinding: choice.foldGrinding,
  };
  return { shape, choice };
}

/** Aligned places, largest first, equals in the given order: so they leave no gaps. */
function stack(logSizes: readonly number[]): { offsets: number[]; logSize: number; end: number } {
  const offsets = new Array<number>(logSizes.length).fill(0);
  let end = 0;
  const order = logSizes.map((logSize, index) => ({ logSize, index }));
  order.sort((a, b) => b.logSize - a.logSize || a.index - b.index);
  for (const { logSize, index } of order) {
    offsets[index] = end;
    end += 2 ** logSize;
  }
  let logSize = MIN_LOG_STACK;
  while (2 ** logSize < end) logSize++;
  return { offsets, logSize, end };
}

function planRounds(
  profile: Profile,
  logStack: number,
  end: number,
  claimsOfOracles: number,
): { rounds: RoundShape[]; logFinal: number } {
  const rounds: RoundShape[] = [];
  let logSize = logStack;
  let logInvRate = profile.rounds.logInvRate;
  let claims = claimsOfOracles + 1;
  do {
    const logFold = Math.min(profile.rounds.logFold, logSize - KEPT);
    const logDimension = logSize - logFold;
    const phase = `round ${rounds.length}`;
    // The lowest rate up to the scheduled one with which the usual grinding of folds is enough.
    while (logInvRate > 1 && !johnsonFits(profile, { logDimension, logInvRate })) logInvRate--;
    const { regime, queries, foldGrinding } = choose(profile, phase, { logDimension, logInvRate }, logSize);
    if (!reaches(combinationError(regime.listSize, claims) / COMBINATION_SHARE, 0, profile.securityBits))
      throw new Error(
        `${phase}: expected the combination of ${claims} claims to reach ${profile.securityBits} bits`,
      );
    claims = queries + 2;
    rounds.push({
      logSize,
      logFold,
      columns: rounds.length === 0 ? Math.ceil(end / 2 ** logDimension) : 2 ** logFold,
      logInvRate,
      queries,
      foldGrinding,
      queryGrinding: profile.queryGrinding,
    });
    logSize = logDimension;
    logInvRate = Math.min(profile.rounds.maxLogInvRate, logInvRate + logFold - 1);
  } while (logSize > profile.logFinal);
  return { rounds, logFinal: logSize };
}

interface Choice {
  readonly regime: Regime;
  readonly queries: number;
  readonly foldGrinding: number;
}

/** The regime with the fewest queries; among equals, the one with the least grinding. */
function choose(profile: Profile, phase: string, code: Code, variables: number): Choice {
  const logDomain = code.logDimension + code.logInvRate;
  if (logDomain > MAX_LOG_DOMAIN)
    throw new Error(`${phase}: expected a domain of at most 2^${MAX_LOG_DOMAIN}, got 2^${logDomain}`);
  const usual = within(profile, code, profile.foldGrinding);
  const choice = usual && isJohnson(usual) ? usual : within(profile, code, profile.maxFoldGrinding);
  if (!choice)
    throw new Error(
      `fold of ${phase}: expected at most ${profile.maxFoldGrinding} bits of grinding to suffice`,
    );
  if (!reaches(outOfDomainError(choice.regime.listSize, variables), 0, profile.securityBits))
    throw new Error(`out-of-domain sample of ${phase}: expected ${profile.securityBits} bits`);
  return choice;
}

function within(profile: Profile, code: Code, maxGrinding: number): Choice | undefined {
  let best: Choice | undefined;
  for (const regime of regimes(code)) {
    const foldGrinding = leastGrinding(foldError(regime), profile.securityBits);
    if (foldGrinding > maxGrinding) break;
    const queries = leastQueries(profile, regime);
    if (!best || queries < best.queries) best = { regime, queries, foldGrinding };
  }
  return best;
}

function isJohnson(choice: Choice): boolean {
  return choice.regime.multiplicity > 0;
}

function johnsonFits(profile: Profile, code: Code): boolean {
  const usual = within(profile, code, profile.foldGrinding);
  return usual !== undefined && isJohnson(usual);
}

/**
 * The least count whose error, after grinding, leaves of 2^−securityBits what the combination
 * challenge needs: it is squeezed together with the indices, so the two errors add up.
 */
function leastQueries(profile: Profile, regime: Regime): number {
  let queries = 0;
  let error = 1;
  do {
    error *= regime.agreement; // as `queryError` multiplies
    queries++;
  } while (!reaches(error / (1 - COMBINATION_SHARE), profile.queryGrinding, profile.securityBits));
  return queries;
}
