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
  readonly position: number;
  readonly id: number;
  /** The server's word: what is proven is the id. */
  readonly text: string;
  state: "decoded" | "proven" | "final";
}

/** The session is known, and its model the one that was asked for. */
export interface StartedEvent extends Omit<StartedMessage, "file"> {
  /** What `session.json` says, checked. */
  readonly file: SessionFile;
}

export interface TokenArrived {
  readonly type: "token";
  readonly token: ClientToken;
}

/** A segment whose proof was verified here, and which begins where the one before ended. */
export interface SegmentVerified extends SegmentMessage {
  readonly statement: SegmentStatement;
  /** Digests of its boundaries, hex. */
  readonly boundaryIn: string;
  readonly boundaryOut: string;
  readonly verifyMs: number;
  /** The tokens that are proven by it. */
  readonly proven: readonly ClientToken[];
}

/** The socket was lost; it is opened again after a while, and the session resumed. */
export interface ReconnectingEvent {
  readonly type: "reconnecting";
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: string;
}

/** Every token is proven; the last event, unless a final proof was asked for. */
export type FinishedEvent = DoneMessage;

/** A segment was folded, as the server says: how far the final proof is. */
export type FoldedEvent = FoldMessage;

/** One proof of the whole run, which was verified here and says what its segments said. */
export interface FinalVerified extends Omit<FinalMessage, "file"> {
  /** What `fold.json` says, checked. */
  readonly file: FoldFile;
  readonly verifyMs: number;
}

export type ClientEvent =
  | StartedEvent
  | TokenArrived
  | SegmentVerified
  | ReconnectingEvent
  | FoldedEvent
  | FinishedEvent
  | FinalVerified;
