import type { SegmentStatement } from "../segment/statement.ts";
import type { SessionFile } from "../session/sessionFile.ts";
import type { FoldFile } from "../session/foldFile.ts";
import type {
  DoneMessage,
  FinalMessage,
  FoldMessage,
  SegmentMessage,
  StartedMessage,
} from "./wire/messages.ts";

/** A generated token; its state moves on when its segment's proof, or the final proof, was verified here. */
export interface ClientToken {
  /** In the run: the first after the prompt has the prompt's length. */
  readonly position: number;
  /** In the vocabulary. */
  readonly id: number;
  /** The server's word: what is proven is the id. */
  readonly text: string;
  /** What was verified here about it. */
  state: "decoded" | "proven" | "final";
}

/** The session is known, and its model the one that was asked for. */
export interface StartedEvent extends Omit<StartedMessage, "file"> {
  /** What `session.json` says, checked. */
  readonly file: SessionFile;
}

/** A token was decoded. */
export interface TokenArrived {
  /** Tells the events apart. */
  readonly type: "token";
  /** The token, as `tokens` has it. */
  readonly token: ClientToken;
}

/** A segment whose proof was verified here, and which begins where the one before ended. */
export interface SegmentVerified extends SegmentMessage {
  /** What the proof states. */
  readonly statement: SegmentStatement;
  /** Digests of its boundaries, hex. */
  readonly boundaryIn: string;
  /** The outgoing one. */
  readonly boundaryOut: string;
  /** Milliseconds that verifying took here. */
  readonly verifyMs: number;
  /** The tokens that are proven by it. */
  readonly proven: readonly ClientToken[];
}

/** The socket was lost; it is opened again after a while, and the session resumed. */
export interface ReconnectingEvent {
  /** Tells the events apart. */
  readonly type: "reconnecting";
  /** Failures in a row. */
  readonly attempt: number;
  /** Milliseconds until the next try. */
  readonly delayMs: number;
  /** Why the socket was lost. */
  readonly reason: string;
}

/** Every token is proven; the last event, unless a final proof was asked for. `security` is computed here. */
export type FinishedEvent = DoneMessage;

/** A segment was folded, as the server says: how far the final proof is. */
export type FoldedEvent = FoldMessage;

/** One proof of the whole run, which was verified here and says what its segments said. Its bits are computed here. */
export interface FinalVerified extends Omit<FinalMessage, "file"> {
  /** What `fold.json` says, checked. */
  readonly file: FoldFile;
  /** Milliseconds that verifying took here. */
  readonly verifyMs: number;
}

/** What a session tells its reader. */
export type ClientEvent =
  | StartedEvent
  | TokenArrived
  | SegmentVerified
  | ReconnectingEvent
  | FoldedEvent
  | FinishedEvent
  | FinalVerified;
