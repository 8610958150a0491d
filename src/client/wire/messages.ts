/** Every message says which version of this protocol it is of; there is one. */
export const VERSION = 1;
/** The subprotocol that a socket asks for; a token may ride beside it as `bearer.<token>`. */
export const SUBPROTOCOL = "starkstream.1";
/** No frame of a client is longer; */
export const MAX_CLIENT_FRAME = 2 ** 16;
/** no frame of a server is. A proof fits eight times. */
export const MAX_SERVER_FRAME = 2 ** 23;
/** Bytes that a server may have sent beyond what was acknowledged, at most, whatever a client grants. */
export const MAX_CREDIT = 2 ** 23;

/** What a reader has: so many generated tokens and so many segments, from the first on. */
export interface Place {
  readonly tokens: number;
  readonly segments: number;
}

/** Begins a session on this socket. */
export interface StartMessage {
  readonly type: "start";
  readonly prompt: string;
  readonly maxTokens: number;
  /** Rows of a segment. */
  readonly segment: number;
  /** Whether the segments are folded into a final proof. */
  readonly final: boolean;
  /** Bytes that the server may send before the first `ack`. */
  readonly credit: number;
}

/** Goes on reading a session that lost its socket. */
export interface ResumeMessage {
  readonly type: "resume";
  readonly session: string;
  readonly from: Place;
  readonly credit: number;
}

/** So many bytes of frames were read: as many more may come. */
export interface AckMessage {
  readonly type: "ack";
  readonly credit: number;
}

/** Ends the session: what is proven stays, nothing more is decoded. */
export interface CancelMessage {
  readonly type: "cancel";
}

export type ClientMessage = StartMessage | ResumeMessage | AckMessage | CancelMessage;

/** The server's first word on a socket. */
export interface HelloMessage {
  readonly type: "hello";
  /** What the server calls its model. */
  readonly model: string;
  /** Positions that the model's context holds. */
  readonly capacity: number;
  /** Whether it makes final proofs. */
  readonly folds: boolean;
}

/** The session is ready; sent once per socket. */
export interface StartedMessage {
  /** Tells the messages apart. */
  readonly type: "started";
  /** Names the session in `resume` and in links; whoever knows it can read it. */
  readonly session: string;
  /** Of the model, hex. */
  readonly modelId: string;
  /** Ids, in order. */
  readonly promptTokens: readonly number[];
  /** The prompt as the tokenizer reads it back. */
  readonly promptText: string;
  /** Tokens to generate, at most. */
  readonly maxTokens: number;
  /** Whether a final proof follows. */
  readonly final: boolean;
  /** `session.json`: what a verifier needs beside the proofs. */
  readonly file: string;
}

/** A decoded token. */
export interface TokenMessage {
  readonly type: "token";
  /** The first after the prompt has the position `promptTokens.length`. */
  readonly position: number;
  readonly id: number;
  readonly text: string;
}

/** A proven segment. */
export interface SegmentMessage {
  /** Tells the messages apart. */
  readonly type: "segment";
  /** From 0. */
  readonly index: number;
  /** Tokens that its rows consume. */
  readonly tokens: number;
  /** Milliseconds that proving took. */
  readonly proveMs: number;
  /** Live rows. */
  readonly rows: number;
  /** Committed cells. */
  readonly cells: number;
  /** The proof. */
  readonly proof: Uint8Array;
}

/** A segment was folded: the newest step, as the server says. */
export interface FoldMessage {
  /** Tells the messages apart. */
  readonly type: "fold";
  /** Of the segment. */
  readonly index: number;
  /** The step's proof's size. */
  readonly proofBytes: number;
  /** Milliseconds that the step took. */
  readonly foldMs: number;
}

/** One proof of the whole run. */
export interface FinalMessage {
  /** Tells the messages apart. */
  readonly type: "final";
  /** Milliseconds that folding took in all. */
  readonly foldMs: number;
  /** Provable bits, the least of all proofs; */
  readonly security: number;
  /** and over the whole chain of steps. */
  readonly chainSecurity: number;
  /** `fold.json`: what a verifier needs beside the session and the proof. */
  readonly file: string;
  /** The proof. */
  readonly proof: Uint8Array;
}

/** Every segment is proven and sent; the last message, unless a final proof follows. */
export interface DoneMessage {
  /** Tells the messages apart. */
  readonly type: "done";
  /** Generated tokens. */
  readonly tokens: number;
  /** How many there are. */
  readonly segments: number;
  /** Of the model, hex. */
  readonly modelId: string;
  /** Provable bits. */
  readonly security: number;
}

/** Why a server refuses or fails. */
export type ErrorCode =
  | "bad-message"
  | "bad-request"
  | "too-large"
  | "too-many"
  | "overloaded"
  | "not-found"
  | "slow-reader"
  | "cancelled"
  | "shutdown"
  | "failed";

/** The last message on its socket. */
export interface ErrorMessage {
  readonly type: "error";
  readonly code: ErrorCode;
  readonly message: string;
  /** Seconds after which trying again may help; null if it will not. */
  readonly retryAfter: number | null;
}

export type ServerMessage =
  | HelloMessage
  | StartedMessage
  | TokenMessage
  | SegmentMessage
  | FoldMessage
  | DoneMessage
  | FinalMessage
  | ErrorMessage;
