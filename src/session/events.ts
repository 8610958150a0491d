import type { FoldKey } from "../fold/foldKey.ts";
import type { Session } from "../segment/statement.ts";

/** The prover is ready: what is fixed for the whole run. */
export interface StartEvent {
  readonly type: "start";
  /** Digest of architecture, integer semantics, weights, tables and protocol parameters; hex. */
  readonly modelId: string;
  readonly promptTokens: readonly number[];
  /** The prompt as the tokenizer reads it back. */
  readonly promptText: string;
  /** Tokens to generate, at most. */
  readonly tokens: number;
  readonly logSegment: number;
  /** Positions that the carried context holds. */
  readonly capacity: number;
  /** What a verifier needs beside the proofs. */
  readonly session: Session;
}

/** A generated token. */
export interface TokenEvent {
  readonly type: "token";
  /** Of the token in the run: the first after the prompt has position `promptTokens.length`. */
  readonly position: number;
  readonly id: number;
  /** The text that it completes; empty for the token that ends a story. */
  readonly text: string;
}

/** A proven segment. */
export interface SegmentEvent {
  readonly type: "segment";
  readonly index: number;
  /** Tokens that its rows consume. */
  readonly tokens: number;
  readonly proofBytes: number;
  readonly proveMs: number;
  /** Live rows of the largest kind, as the prover counts them. */
  readonly rows: number;
  /** Committed cells. */
  readonly cells: number;
  readonly proof: Uint8Array;
}

/** Every segment is proven. */
export interface DoneEvent {
  readonly type: "done";
  /** Tokens generated. */
  readonly tokens: number;
  readonly segments: number;
  readonly modelId: string;
  /** Provable bits, the least over all rounds of a segment proof. */
  readonly security: number;
}

export type SessionEvent = StartEvent | TokenEvent | SegmentEvent | DoneEvent;

/** The folding circuit is committed: what is fixed for all steps. */
export interface FoldingEvent {
  readonly type: "folding";
  /** Digest of model, fold parameters and circuit; hex. */
  readonly foldId: string;
  /** The circuit, as verifiers know it. */
  readonly key: FoldKey;
}

/** A step: one more segment folded. */
export interface FoldEvent {
  readonly type: "fold";
  /** How many proofs stand one upon the other: this step's, and those of all steps before it. */
  readonly level: number;
  /** Of the segment that it folds. */
  readonly index: number;
  readonly proofBytes: number;
  readonly foldMs: number;
  readonly proof: Uint8Array;
}

/** Every segment is folded, and the last step's proof verified on its own. */
export interface FinalEvent {
  readonly type: "final";
  readonly proofBytes: number;
  /** Of all that was done: the circuit's commitment, the steps, the verification; without waiting for segments. */
  readonly foldMs: number;
  readonly segments: number;
  /** Of the run: the prompt's, and the generated ones. */
  readonly tokens: number;
  /** Provable bits, the least over all rounds of segment and step proofs. */
  readonly security: number;
  /** The same over the whole chain, where the errors of its proofs add up. */
  readonly chainSecurity: number;
  readonly foldId: string;
  /** What a verifier needs beside the session and the proof: the circuit, and the tokens consumed. */
  readonly key: FoldKey;
  readonly consumed: readonly number[];
  readonly proof: Uint8Array;
}

export type FoldRunEvent = FoldingEvent | FoldEvent | FinalEvent;
