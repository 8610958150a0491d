/** Where a server listens. */
export interface ListenOptions {
  /** "127.0.0.1" by default. */
  readonly host?: string;
  /** 8080 by default; 0 for any that is free. */
  readonly port?: number;
}

/** A server that listens. */
export interface Listening {
  /** Its address, with a slash at the end. */
  readonly url: string;
  /** Finishes the segments in hand, for at most so long, and stops. */
  close(graceMs?: number): Promise<void>;
}
