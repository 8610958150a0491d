import type { TokenEvent } from "../session/events.ts";
import type { RunRequest } from "../session/planSession.ts";

/** What a run was asked to do. */
export interface KeptRequest extends Omit<RunRequest, "sampling"> {
  /** Whether its segments are folded, too. */
  readonly final: boolean;
}

/** What is fixed once the prover is ready. */
export interface RunStart {
  readonly modelId: string;
  readonly promptTokens: readonly number[];
  readonly promptText: string;
  /** `session.json`, without the number of segments. */
  readonly file: string;
}

/** A segment whose proof is on disk. */
export interface SegmentInfo {
  readonly index: number;
  readonly tokens: number;
  readonly proofBytes: number;
  readonly proveMs: number;
  readonly rows: number;
  readonly cells: number;
}

/** A step of folding. */
export interface FoldInfo {
  /** Of the segment that it folds. */
  readonly index: number;
  readonly proofBytes: number;
  readonly foldMs: number;
}

/** A run's final proof, which is on disk. */
export interface FinalInfo {
  readonly proofBytes: number;
  readonly foldMs: number;
  readonly segments: number;
  readonly tokens: number;
  /** Provable bits. */
  readonly security: number;
  /** The same over the whole chain of steps. */
  readonly chainSecurity: number;
  /** Hex. */
  readonly foldId: string;
}

/** How a run's tokens and segments ended; a run that was interrupted did not. */
export type RunEnding =
  | { readonly type: "done"; readonly security: number }
  | { readonly type: "cancelled" }
  | { readonly type: "failed"; readonly message: string };

/** All of a run but its proofs, so that a restarted server can serve it and go on with it. */
export interface RunRecord {
  readonly request: KeptRequest;
  readonly created: number;
  readonly start: RunStart | null;
  readonly tokens: readonly TokenEvent[];
  readonly segments: readonly SegmentInfo[];
  readonly ending: RunEnding | null;
  readonly final: FinalInfo | null;
}
