import type { Profile } from "../whir/profile.ts";
import type { OracleShape, RoundShape, WhirShape } from "../whir/shape.ts";
import {
  type Code,
  combinationError,
  FIELD_SIZE,
  foldError,
  leastGrinding,
  outOfDomainError,
  powerOfTwo,
  queryError,
  type Regime,
  reaches,
  regimes,
} from "./proximity.ts";

/** What stands before the opening: the lookup argument, the relations and the claims they end in. */
export interface ArgumentShape {
  /** log2 of the leaves of all fraction trees, rounded up; 0 if there are no lookups. */
  readonly lookupLogLeaves: number;
  /** Layers of the deepest tree. */
  readonly lookupLayers: number;
  readonly lookupTrees: number;
  /** Columns of the widest table. */
  readonly maxTupleArity: number;
  /** Grinding before the lookup challenges that the verifier checks. */
  readonly lookupGrinding: number;
  /** Relations; 0 if there are none. */
  readonly relations: number;
  /** Variables of the largest relation: coordinates of the random point τ. */
  readonly relationVariables: number;
  /** Claims on virtual tensors that one challenge batches, at most. */
  readonly batched: number;
  /** Sumcheck rounds of relations and definitions, in all. */
  readonly sumcheckRounds: number;
  /** Claims on the oracles that the opening batches, out-of-domain values included. */
  readonly claims: number;
}

/** One verifier challenge of the interactive protocol, or several alike. */
export interface SoundnessRound {
  readonly phase: string;
  readonly source: string;
  /** How many such rounds there are. */
  readonly repeats: number;
  /** −log2 of the error without grinding. */
  readonly bits: number;
  readonly grinding: number;
  readonly total: number;
}

/** @internal */
export interface Soundness {
  readonly rounds: readonly SoundnessRound[];
  /** The least total: round-by-round soundness, and the hash. */
  readonly bits: number;
}

/** Degree of a sumcheck round polynomial: eq times a product of two. */
const SUMCHECK_DEGREE = 3;
/** BLAKE3 with digests of 256 bits: collisions. */
const HASH_BITS = 128;
const STIR = "L²·vars/2|F|, STIR Lemma 4.5";

/**
 * The error of every round of one proof, in protocol order, from the very parameters that the
 * verifier checks with. docs/security.md says what follows from it.
 *
 * @throws if the opening is asked to batch more claims than its grinding was made for
 *
 * @example
 * ```ts
 * const { bits } = soundness(DEFAULT_PROFILE, whirShape(DEFAULT_PROFILE, oracles), argument);
 * console.log(bits); // 128
 * ```
 */
export function soundness(profile: Profile, shape: WhirShape, argument: ArgumentShape): Soundness {
  if (argument.claims > profile.maxClaims)
    throw new Error(`opening: expected at most ${profile.maxClaims} claims, got ${argument.claims}`);
  const rounds = [
    ...commitmentRounds(profile, shape, "transcript"),
    ...argumentRounds(argument),
    ...openingRounds(profile, shape, argument),
    ...commitmentRounds(profile, shape, "root"),
    round("Merkle trees and transcript", "collisions of BLAKE3, 256 bits", powerOfTwo(-HASH_BITS)),
  ];
  return { rounds, bits: Math.min(...rounds.map(({ total }) => total)) };
}

/** The least grinding before the lookup challenges, for `argument.lookupGrinding`. */
export function lookupGrinding(profile: Profile, lookupLogLeaves: number, maxTupleArity: number): number {
  const grinding = leastGrinding(lookupError(lookupLogLeaves, maxTupleArity), profile.securityBits);
  if (grinding > profile.maxLookupGrinding)
    throw new Error(
      `lookups: expected at most ${profile.maxLookupGrinding} bits of grinding to suffice, ${grinding} are needed`,
    );
  return grinding;
}

function commitmentRounds(
  profile: Profile,
  shape: WhirShape,
  outOfDomain: OracleShape["outOfDomain"],
): SoundnessRound[] {
  const source = outOfDomain === "root" ? `${STIR}, at H("ood", root)` : STIR;
  return shape.oracles
    .filter((oracle) => oracle.outOfDomain === outOfDomain)
    .map((oracle) => {
      const regime = regimeOf(profile, oracle, shape.queryGrinding);
      return commitmentRound(oracle.name, source, regime, oracle.logSize);
    });
}

function commitmentRound(name: string, source: string, regime: Regime, variables: number): SoundnessRound {
  return round(`${name}: out-of-domain`, source, outOfDomainError(regime.listSize, variables));
}

/** Numerator and denominators of the sum of fractions: N·W + N roots (docs/security.md, "Lookups"). */
function lookupError(logLeaves: number, arity: number): number {
  return (powerOfTwo(logLeaves) * (Math.max(1, arity) + 1)) / FIELD_SIZE;
}

function argumentRounds(argument: ArgumentShape): SoundnessRound[] {
  const rounds: SoundnessRound[] = [];
  const sumcheck = SUMCHECK_DEGREE / FIELD_SIZE;
  const layers = argument.lookupLayers;
  if (layers > 0) {
    const error = lookupError(argument.lookupLogLeaves, argument.maxTupleArity);
    const batching = (2 * argument.lookupTrees - 1) / FIELD_SIZE;
    rounds.push(
      round("lookups: α, β", "N(W+1)/|F|, LogUp", error, argument.lookupGrinding),
      round("lookups: layer batching", "(2·trees−1)/|F|, LogUp-GKR", batching, 0, layers),
      round("lookups: layer sumcheck", "3/|F|, degree 3", sumcheck, 0, (layers * (layers - 1)) / 2),
      round("lookups: layer split", "1/|F|, LogUp-GKR", 1 / FIELD_SIZE, 0, layers),
    );
  }
  if (argument.relations > 0)
    rounds.push(
      round("relations: τ", "variables/|F|, Schwartz–Zippel", argument.relationVariables / FIELD_SIZE),
    );
  if (argument.batched > 1)
    rounds.push(round("relations: batching claims", "(claims−1)/|F|", (argument.batched - 1) / FIELD_SIZE));
  if (argument.sumcheckRounds > 0)
    rounds.push(round("relations: sumcheck", "3/|F|, degree 3", sumcheck, 0, argument.sumcheckRounds));
  return rounds;
}

function openingRounds(profile: Profile, shape: WhirShape, argument: ArgumentShape): SoundnessRound[] {
  const rounds: SoundnessRound[] = [];
  const given = shape.oracles.map((oracle) => regimeOf(profile, oracle, shape.queryGrinding));
  const list = Math.max(...given.map((regime) => regime.listSize));
  const batching = combinationError(list, argument.claims);
  rounds.push(
    round("opening: batching claims", "max L·(claims−1)/|F|, WHIR §5", batching, shape.batchGrinding),
  );
  shape.oracles.forEach((oracle, j) => {
    rounds.push(foldRound(oracle.name, oracle, given[j] as Regime));
  });
  // What is queried once the next oracle stands: first all given oracles, then one round each.
  let queried = shape.oracles.map(({ name, queries }, j) => ({ name, queries, regime: given[j] as Regime }));
  let grinding = shape.queryGrinding;
  const query = (name: string, listSize: number) => {
    // Running claims, the new out-of-domain claim, and one for every query.
    const claims = queried.reduce((sum, { queries }) => sum + queries + 1, 1);
    const combination = combinationError(listSize, claims);
    for (const { name, queries, regime } of queried)
      rounds.push(queryRound(name, queries, regime, grinding, combination));
    rounds.push(round(`${name}: combination`, "L·(claims−1)/|F|, WHIR Thm 5.2", combination));
  };
  shape.rounds.forEach((oracle, i) => {
    const name = `round ${i}`;
    const regime = regimeOf(profile, oracle, oracle.queryGrinding);
    rounds.push(commitmentRound(name, STIR, regime, oracle.logSize));
    query(name, regime.listSize);
    rounds.push(foldRound(name, oracle, regime));
    queried = [{ name, queries: oracle.queries, regime }];
    grinding = oracle.queryGrinding;
  });
  query("final", 1);
  if (shape.logFinal > 0)
    rounds.push(round("final: sumcheck", "2/|F|, degree 2", 2 / FIELD_SIZE, 0, shape.logFinal));
  return rounds;
}

function foldRound(name: string, oracle: OracleShape | RoundShape, regime: Regime): SoundnessRound {
  const radius = regime.multiplicity === 0 ? "WHIR Cor 4.11" : `BCHKS25 Thm 4.6, m=${regime.multiplicity}`;
  return round(`${name}: fold`, radius, foldError(regime), oracle.foldGrinding, oracle.logFold);
}

/** The combination challenge comes out of the same squeeze as the indices, so the total has both errors. */
function queryRound(
  name: string,
  queries: number,
  regime: Regime,
  grinding: number,
  combination: number,
): SoundnessRound {
  const source = `(1−δ)^${queries}, 1−δ=${regime.agreement.toFixed(4)}`;
  const error = queryError(regime, queries);
  const total = bitsOf(error * powerOfTwo(-grinding) + combination);
  return { ...round(`${name}: queries`, source, error, grinding), total };
}

/**
 * The regime in which an oracle is analysed: the first that reaches the target with the oracle's own
 * query count and grinding (that is the one `whirShape` chose), or else the one that comes nearest.
 */
function regimeOf(profile: Profile, oracle: OracleShape | RoundShape, queryGrinding: number): Regime {
  const code: Code = { logDimension: oracle.logSize - oracle.logFold, logInvRate: oracle.logInvRate };
  let best: Regime | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const regime of regimes(code)) {
    const fold = foldError(regime) * powerOfTwo(-oracle.foldGrinding);
    const query = queryError(regime, oracle.queries) * powerOfTwo(-queryGrinding);
    const worst = Math.max(fold, query);
    if (reaches(worst, 0, profile.securityBits)) return regime;
    if (worst < least) {
      least = worst;
      best = regime;
    }
  }
  return best as Regime;
}

function round(phase: string, source: string, error: number, grinding = 0, repeats = 1): SoundnessRound {
  const bits = bitsOf(error);
  return { phase, source, repeats, bits, grinding, total: bits + grinding };
}

function bitsOf(error: number): number {
  return -Math.log2(error);
}

/** The table that `starkstream security` prints. */
export function formatSoundness({ rounds, bits }: Soundness): string {
  const header = ["round", "times", "bits", "grinding", "total", "from"];
  const rows = rounds.map((row) => [
    row.phase,
    String(row.repeats),
    floor2(row.bits),
    row.grinding === 0 ? "" : String(row.grinding),
    floor2(row.total),
    row.source,
  ]);
  const widths = header.map((text, c) =>
    Math.max(text.length, ...rows.map((row) => (row[c] as string).length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, c) =>
        c > 0 && c < 5 ? text.padStart(widths[c] as number) : text.padEnd(widths[c] as number),
      )
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line), `least: ${floor2(bits)} bits`].join("\n");
}

/** Two decimals, rounded down: a total is never shown above what it is. */
function floor2(value: number): string {
  return (Math.floor(value * 100) / 100).toFixed(2);
}
