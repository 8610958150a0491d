import type { Profile } from "../whir/profile.ts";
import type { VerifySegment } from "./chainVerifier.ts";

/** What to decode. */
export interface ClientRequest {
  readonly prompt: string;
  /** Tokens to generate, at most; 48 by default. */
  readonly maxTokens?: number;
  /** Rows of a segment: a power of two from 4 to 256; 32 by default. */
  readonly segment?: number;
}

export interface ClientOptions {
  /** The model that it must be; without it the session's own word is taken. */
  readonly modelId?: string;
  /** The server's bearer token. */
  readonly token?: string;
  /** Bytes that may be under way; 1 MiB by default. */
  readonly window?: number;
  /** Connections that may fail in a row; 8 by default. */
  readonly attempts?: number;
  /** The first pause before connecting again; it doubles each time, up to 5 s. 100 ms by default. */
  readonly retryMs?: number;
  /** For a connection; 10 s by default. */
  readonly timeoutMs?: number;
  /** Another way to verify, such as in a worker. */
  readonly verify?: VerifySegment;
  /** Profiles that a session may have; the default one only, unless for tests. */
  readonly profiles?: readonly Profile[];
}
