import type { FoldKey } from "../fold/foldKey.ts";
import type { Session } from "../segment/statement.ts";

/** The prover is ready: what is fixed for the whole run. */
export interface StartEvent {
  /** Tells the events apart. */
  readonly type: "start";
  /** Digest of architecture, integer semantics, weights, tables and protocol parameters; hex. */
  readonly modelId: string;
  /** Ids, in order. */
  readonly promptTokens: readonly number[];
  /** The prompt as the tokenizer reads it back. */
  readonly promptText: string;
  /** Tokens to generate, at most. */
  readonly tokens: number;
  /** log2 of the rows of a segment. */
  readonly logSegment: number;
  /** Positions that the carried context holds. */
  readonly capacity: number;
  /** What a verifier needs beside the proofs. */
  readonly session: Session;
}

/** A generated token. */
export interface TokenEvent {
  /** Tells the events apart. */
  readonly type: "token";
  /** Of the token in the run: the first after the prompt has position `promptTokens.length`. */
  readonly position: number;
  /** In the vocabulary. */
  readonly id: number;
  /** The text that it completes; empty for the token that ends a story. */
  readonly text: string;
}

/** A proven segment. */
export interface SegmentEvent {
  /** Tells the events apart. */
  readonly type: "segment";
  /** From 0. */
  readonly index: number;
  /** Tokens that its rows consume. */
  readonly tokens: number;
  /** The proof's size. */
  readonly proofBytes: number;
  /** Milliseconds that proving took. */
  readonly proveMs: number;
  /** Live rows of the largest kind, as the prover counts them. */
  readonly rows: number;
  /** Committed cells. */
  readonly cells: number;
  /** The proof. */
  readonly proof: Uint8Array;
}

/** Every segment is proven. */
export interface DoneEvent {
  /** Tells the events apart. */
  readonly type: "done";
  /** Tokens generated. */
  readonly tokens: number;
  /** How many there are. */
  readonly segments: number;
  /** Of the model, hex. */
  readonly modelId: string;
  /** Provable bits, the least over all rounds of a segment proof. */
  readonly security: number;
}

/** What a run tells its reader. */
export type SessionEvent = StartEvent | TokenEvent | SegmentEvent | DoneEvent;

/** The folding circuit is committed: what is fixed for all steps. */
export interface FoldingEvent {
  /** Tells the events apart. */
  readonly type: "folding";
  /** Digest of model, fold parameters and circuit; hex. */
  readonly foldId: string;
  /** The circuit, as verifiers know it. */
  readonly key: FoldKey;
}

/** A step: one more segment folded, or several. */
export interface FoldEvent {
  /** Tells the events apart. */
  readonly type: "fold";
  /** Segments that it stands for: those that it folds, and those of all steps before it. */
  readonly level: number;
  /** Of the last segment that it folds. */
  readonly index: number;
  /** The proof's size. */
  readonly proofBytes: number;
  /** Milliseconds that the step took. */
  readonly foldMs: number;
  /** The proof. */
  readonly proof: Uint8Array;
}

/** Every segment is folded, and the last step's proof verified on its own. */
export interface FinalEvent {
  /** Tells the events apart. */
  readonly type: "final";
  /** The proof's size. */
  readonly proofBytes: number;
  /** Of all that was done: the circuit's commitment, the steps, the verification; without waiting for segments. */
  readonly foldMs: number;
  /** How many there are. */
  readonly segments: number;
  /** Of the run: the prompt's, and the generated ones. */
  readonly tokens: number;
  /** Provable bits, the least over all rounds of segment and step proofs. */
  readonly security: number;
  /** The same over the whole chain, where the errors of its proofs add up. */
  readonly chainSecurity: number;
  /** Digest of model, fold parameters and circuit; hex. */
  readonly foldId: string;
  /** What a verifier needs beside the session and the proof: the circuit, and the tokens consumed. */
  readonly key: FoldKey;
  /** The tokens consumed, the prompt's first. */
  readonly consumed: readonly number[];
  /** The proof. */
  readonly proof: Uint8Array;
}

/** What folding tells its reader. */
export type FoldRunEvent = FoldingEvent | FoldEvent | FinalEvent;
