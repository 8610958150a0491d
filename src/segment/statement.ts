import type { ModelDescription } from "../model/description.ts";
import type { Ext } from "../field/ext.ts";
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

/** What all segments of a session share. The model id is the digest of all but the last two. */
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
}

/** What all sessions with one model at one T share; the prompt's length is each run's own. */
export type ModelSession = Omit<Session, "promptLength">;

/** What one segment proof states. */
export interface SegmentStatement {
  /** Where it starts. */
  readonly boundaryIn: Boundary;
  /** Where it ends. */
  readonly boundaryOut: Boundary;
  /** The tokens consumed by the live rows: 1 to T. */
  readonly tokens: readonly number[];
}
