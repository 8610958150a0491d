/**
 * How oracles of one kind are encoded.
 *
 * @internal
 */
export interface OracleKind {
  /** Variables folded first: 2^logFold columns share a leaf. */
  readonly logFold: number;
  readonly logInvRate: number;
  readonly outOfDomain: "transcript" | "root";
}

/** @internal */
export type OracleKindName = "trace" | "context" | "fixed";

/**
 * The one parameter object: prover, verifier and soundness calculator derive everything from it
 * (`whirShape`, `soundness`), and its words are part of the model id.
 */
export interface Profile {
  /** By which files name it. */
  readonly name: string;
  /** Every round of every proof reaches this, or `whirShape` refuses the shape. */
  readonly securityBits: number;
  /** How each kind of oracle is encoded and folded. */
  readonly oracles: Readonly<Record<OracleKindName, OracleKind>>;
  /** The same for the rounds of the opening. */
  readonly rounds: {
    readonly logFold: number;
    /** Of round 0, the stack. From round to round the domain halves, so the rate falls by 2^(logFold − 1). */
    readonly logInvRate: number;
    readonly maxLogInvRate: number;
  };
  /** The final polynomial has at most this many variables. */
  readonly logFinal: number;
  /** Before every query phase. */
  readonly queryGrinding: number;
  /** Before a fold challenge at most this, */
  readonly foldGrinding: number;
  /** and for codes with which that is not enough, at most this. */
  readonly maxFoldGrinding: number;
  /** Before the batching challenge, at most. */
  readonly maxBatchGrinding: number;
  /** Before the lookup challenges, at most. */
  readonly maxLookupGrinding: number;
  /** Claims that one opening may batch. */
  readonly maxClaims: number;
}

/** Of segment proofs. */
export const DEFAULT_PROFILE: Profile = {
  name: "starkstream-1",
  securityBits: 128,
  oracles: {
    trace: { logFold: 7, logInvRate: 2, outOfDomain: "transcript" },
    context: { logFold: 5, logInvRate: 4, outOfDomain: "root" },
    fixed: { logFold: 7, logInvRate: 4, outOfDomain: "root" },
  },
  rounds: { logFold: 4, logInvRate: 4, maxLogInvRate: 10 },
  logFinal: 9,
  queryGrinding: 16,
  foldGrinding: 14,
  maxFoldGrinding: 16,
  maxBatchGrinding: 8,
  maxLookupGrinding: 8,
  maxClaims: 4096,
};

/**
 * For the proofs of folding steps. A step's cost is the hashing that it verifies, so its circuit, which is committed
 * once, has narrow leaves, and more work is ground for fewer queries. The stack, some twenty times as long as a
 * segment's, is encoded at rate 1/8.
 */
export const FOLD_PROFILE: Profile = {
  ...DEFAULT_PROFILE,
  name: "starkstream-fold-2",
  oracles: {
    ...DEFAULT_PROFILE.oracles,
    trace: { logFold: 7, logInvRate: 2, outOfDomain: "transcript" },
    fixed: { logFold: 6, logInvRate: 4, outOfDomain: "root" },
  },
  rounds: { ...DEFAULT_PROFILE.rounds, logInvRate: 3 },
  queryGrinding: 18,
  foldGrinding: 16,
  maxFoldGrinding: 18,
};

/**
 * For models of 2^24 weights and more: their code at rate 1/2 fits a memory, 2^8 columns keep its domain
 * short, and context and stack, which grow with the model, take less room at rates 1/4 and 1/8.
 */
export const LARGE_PROFILE: Profile = {
  ...DEFAULT_PROFILE,
  name: "starkstream-large-1",
  oracles: {
    trace: { logFold: 7, logInvRate: 1, outOfDomain: "transcript" },
    context: { logFold: 4, logInvRate: 2, outOfDomain: "root" },
    fixed: { logFold: 8, logInvRate: 1, outOfDomain: "root" },
  },
  rounds: { ...DEFAULT_PROFILE.rounds, logInvRate: 3 },
};

/** What sessions may be proven with. */
export const SESSION_PROFILES: readonly Profile[] = [DEFAULT_PROFILE, LARGE_PROFILE];

const KINDS: readonly OracleKindName[] = ["trace", "context", "fixed"];

/** The profile as u32 words, to be absorbed or hashed: all numbers, in the order of the interface. */
export function profileWords(profile: Profile): number[] {
  return [
    profile.securityBits,
    ...KINDS.flatMap((name) => {
      const kind = profile.oracles[name];
      return [kind.logFold, kind.logInvRate, kind.outOfDomain === "root" ? 1 : 0];
    }),
    profile.rounds.logFold,
    profile.rounds.logInvRate,
    profile.rounds.maxLogInvRate,
    profile.logFinal,
    profile.queryGrinding,
    profile.foldGrinding,
    profile.maxFoldGrinding,
    profile.maxBatchGrinding,
    profile.maxLookupGrinding,
    profile.maxClaims,
  ];
}
