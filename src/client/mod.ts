/**
 * The client of a starkstream server: verifies while it reads. Needs `WebSocket` and nothing else of a
 * runtime, so it works in browsers, Bun and Deno.
 *
 * @module
 */
export { ChainVerifier, type LinkVerdict, type VerifySegment } from "./chainVerifier.ts";
export { ConnectionError, ProofError, ServerError } from "./clientError.ts";
export type {
  ClientEvent,
  ClientToken,
  FinalVerified,
  FinishedEvent,
  FoldedEvent,
  ReconnectingEvent,
  SegmentVerified,
  StartedEvent,
  TokenArrived,
} from "./clientEvents.ts";
export type { ClientOptions, ClientRequest } from "./clientOptions.ts";
export { ClientSession } from "./clientSession.ts";
export { type VerifyFinal, verifyFinalOf } from "./finalVerifier.ts";
export { WireError } from "./wire/wireError.ts";
export { formatSession, parseSession, type SessionFile } from "../session/sessionFile.ts";
export { type FoldFile, formatFold, parseFold } from "../session/foldFile.ts";
export type { SegmentVerdict } from "../segment/verify.ts";
export type { Boundary, SegmentStatement, Session } from "../segment/statement.ts";
export type { Profile } from "../whir/profile.ts";
export type {
  DoneMessage,
  ErrorCode,
  FinalMessage,
  FoldMessage,
  SegmentMessage,
  StartedMessage,
} from "./wire/messages.ts";
