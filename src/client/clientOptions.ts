import type { Profile } from "../whir/profile.ts";
import type { VerifySegment } from "./chainVerifier.ts";
import type { VerifyFinal } from "./finalVerifier.ts";

/** What to decode. */
export interface ClientRequest {
  /** What the model goes on with. */
  readonly prompt: string;
  /** Tokens to generate, at most; 48 by default. */
  readonly maxTokens?: number;
  /** Rows of a segment: a power of two from 4 to 256; 32 by default. */
  readonly segment?: number;
  /** Asks for one proof of the whole run, too, which takes the server some seconds for each segment. */
  readonly final?: boolean;
}

/** How to connect, what to expect and how to verify. */
export interface ClientOptions {
  /** The model that it must be; without it the session's own word is taken. */
  readonly modelId?: string;
  /**
   * The folding circuit that a final proof must be of, in hexadecimal. Without it the server's word is taken, and
   * a final proof adds nothing to the segments' proofs for whoever does not know the circuit.
   */
  readonly foldId?: string;
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
  /** Other ways to verify, such as in a worker. */
  readonly verify?: VerifySegment;
  /** The same for the final proof. */
  readonly verifyFinal?: VerifyFinal;
  /** Profiles that a session and its steps may have; the default ones only, unless for tests. */
  readonly profiles?: readonly Profile[];
  /** The same for a final proof. */
  readonly foldProfiles?: readonly Profile[];
}
