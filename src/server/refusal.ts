import type { ErrorCode } from "../client/wire/messages.ts";

const STATUS = {
  "bad-message": 400,
  "bad-request": 400,
  "too-large": 413,
  "not-found": 404,
  cancelled: 409,
  "slow-reader": 408,
  "too-many": 429,
  overloaded: 503,
  shutdown: 503,
  failed: 500,
} as const satisfies Record<ErrorCode, number>;

/** What a client asked for is not done, and why: an error frame on a socket, an error body over HTTP. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Seconds after which trying again may help. */
    readonly retryAfter: number | null = null,
    /** The field of the request that is wrong. */
    readonly parameter: string | null = null,
  ) {
    super(message);
  }

  get status(): (typeof STATUS)[ErrorCode] {
    return STATUS[this.code];
  }
}
