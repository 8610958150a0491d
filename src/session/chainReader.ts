import { genesis } from "../segment/boundary.ts";
import { boundaryWordList, decodeSegmentProof } from "../segment/format.ts";
import { segmentProtocol } from "../segment/protocol.ts";
import type { Boundary, Session } from "../segment/statement.ts";

/**
 * Reads a run's segment proofs as they come and holds them to what they state: the first starts at genesis,
 * each where the one before ended. The proofs themselves are not verified here.
 */
export class ChainReader {
  /** Consumed by the segments read so far. */
  readonly tokens: number[] = [];
  /** Segments read. */
  count = 0;
  #boundary: Boundary;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(
    readonly session: Session,
    segments: ReadableStream<Uint8Array>,
  ) {
    const { profile, description, logSegment } = session;
    this.#boundary = genesis(segmentProtocol(profile, description, logSegment));
    this.#reader = segments.getReader();
  }

  /**
   * The next proof's bytes; undefined at the run's end.
   *
   * @throws if it does not follow the one before
   */
  async next(): Promise<Uint8Array | undefined> {
    const { value: bytes } = await this.#reader.read();
    if (!bytes) return undefined;
    const proof = decodeSegmentProof(bytes, 2 ** this.session.logSegment);
    if ("detail" in proof) throw this.#refusal("proof format", proof.detail);
    const { boundaryIn, boundaryOut, tokens } = proof.statement;
    const expected = boundaryWordList(this.#boundary);
    if (boundaryWordList(boundaryIn).some((word, k) => word !== expected[k]))
      throw this.#refusal("incoming boundary", "expected the boundary that came before, found another");
    this.#boundary = boundaryOut;
    this.tokens.push(...tokens);
    this.count++;
    return bytes;
  }

  /** Tells who writes the proofs that no more are wanted. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason).catch(() => {});
  }

  #refusal(check: string, detail: string): Error {
    return new Error(`segment ${this.count}: ${check}: ${detail}`);
  }
}
