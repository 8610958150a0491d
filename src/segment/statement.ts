import type { ModelDescription } from "../model/description.ts";
import type { Ext } from "../field/ext.ts";
import type { Sampler, SamplerSettings } from "../model/sampler.ts";
import type { Profile } from "../whir/profile.ts";

/** A reused oracle's name: its root and its value at the point derived from the root (DESIGN §5, trap 4). */
export interface Commitment {
  /** 8 words. */
  readonly root: readonly number[];
  /** Five coordinates below 2^31 − 1. */
  readonly value: Ext;
}

/** `pendingToken` while the next token is still the prompt's. */
export const NO_TOKEN = 0xffffffff;

/** Where a run stands between two segments. */
export interface Boundary {
  /** Positions done; a multiple of T unless the boundary is terminal. */
  readonly position: number;
  /** Chained over the segments' tokens; 8 words. */
  readonly tokenDigest: readonly number[];
  /** The token that the next row must consume, or `NO_TOKEN`. */
  readonly pendingToken: number;
  /** To the keys and values of all positions done. */
  readonly context: Commitment;
}

/** What all segments of a session share. The model id is the digest of profile, description, fixed and, if it is sampled, the logit scale. */
export interface Session {
  /** Parameters of the proofs. */
  readonly profile: Profile;
  /** Sizes and integer semantics of the model. */
  readonly description: ModelDescription;
  /** The committed weights and tables. */
  readonly fixed: Commitment;
  /** log2 of the rows of a segment. */
  readonly logSegment: number;
  /** Tokens of the prompt. */
  readonly promptLength: number;
  /** How tokens are chosen; greedily if left out. */
  readonly sampler?: Sampler;
}

/** What all sessions with one model at one T and with one sampler's settings share. */
export type ModelSession = Omit<Session, keyof RunTerms | "sampler"> & {
  readonly sampler?: SamplerSettings;
};

/** What each run brings. */
export interface RunTerms {
  /** Tokens of the prompt. */
  readonly promptLength: number;
  /** Of a sampled run; 0 if left out. */
  readonly seed?: number;
}

/** One run's session. */
export function sessionOf(
  { sampler, ...shared }: ModelSession,
  { promptLength, seed = 0 }: RunTerms,
): Session {
  return { ...shared, promptLength, ...(sampler && { sampler: { ...sampler, seed } }) };
}

/** What the run brought to its session. */
export function termsOf({ promptLength, sampler }: Session): RunTerms {
  return { promptLength, seed: sampler?.seed };
}

/** What one segment proof states. */
export interface SegmentStatement {
  /** Where it starts. */
  readonly boundaryIn: Boundary;
  /** Where it ends. */
  readonly boundaryOut: Boundary;
  /** The tokens consumed by the live rows: 1 to T. */
  readonly tokens: readonly number[];
}
