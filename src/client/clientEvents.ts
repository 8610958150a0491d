import type { SegmentStatement } from "../segment/statement.ts";
import type { SessionFile } from "../session/sessionFile.ts";
import type { DoneMessage, SegmentMessage, StartedMessage } from "./wire/messages.ts";

/** A generated token; its state moves on when its segment's proof was verified here. */
export interface ClientToken {
  readonly position: number;
  readonly id: number;
  /** The server's word: what is proven is the id. */
  readonly text: string;
  state: "decoded" | "proven";
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

/** Every token is proven. */
export type FinishedEvent = DoneMessage;

export type ClientEvent = StartedEvent | TokenArrived | SegmentVerified | ReconnectingEvent | FinishedEvent;
