import type { ErrorCode } from "./wire/messages.ts";

/** The server refused or failed; its own words. */
export class ServerError extends Error {
  /** Tells errors apart. */
  override readonly name = "ServerError";

  /** As the client throws it. */
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Seconds after which trying again may help. */
    readonly retryAfter: number | null,
  ) {
    super(`${code}: ${message}`);
  }
}

/** What the server sent does not prove what it said. */
export class ProofError extends Error {
  /** Tells errors apart. */
  override readonly name = "ProofError";

  /** As the client throws it. */
  constructor(
    /** The segment; null: the session itself. */
    readonly segment: number | null,
    readonly check: string,
    readonly detail: string,
  ) {
    super(`${segment === null ? "session" : `segment ${segment}`}: ${check}: ${detail}`);
  }
}

/** The socket could not be opened, or closed before the session's end. */
export class ConnectionError extends Error {
  /** Tells errors apart. */
  override readonly name = "ConnectionError";
}
