import { boundaryDigest, modelId } from "../segment/boundary.ts";
import { type Boundary, NO_TOKEN, type SegmentStatement, type Session } from "../segment/statement.ts";
import { modelIdOf, type SegmentVerdict } from "../segment/verify.ts";
import { hexOfWords } from "../session/hex.ts";
import { ProofError } from "./clientError.ts";

/** `verifySegment`, or the same in a worker. */
export type VerifySegment = (
  session: Session,
  proof: Uint8Array,
  incoming?: Boundary,
) => SegmentVerdict | Promise<SegmentVerdict>;

/** A segment that holds. */
export interface LinkVerdict {
  /** What the proof states. */
  readonly statement: SegmentStatement;
  /** Digests of its boundaries, hex. */
  readonly boundaryIn: string;
  /** The outgoing one. */
  readonly boundaryOut: string;
  /** The number of positions whose tokens are proven. */
  readonly positions: number;
}

/** Verifies a run's segments as they come: the first from genesis, each from where the one before ended. */
export class ChainVerifier {
  readonly #id: Uint32Array;
  readonly #tokens: number[] = [];
  #boundary: Boundary | undefined;
  #segments = 0;

  /** Of a run that has not begun. @throws ProofError if the session is of another model than `expectedModelId` */
  constructor(
    readonly session: Session,
    readonly promptTokens: readonly number[],
    readonly verify: VerifySegment,
    expectedModelId?: string,
  ) {
    const found = modelIdOf(session);
    if (expectedModelId !== undefined && expectedModelId.toLowerCase() !== found)
      throw new ProofError(null, "model id", `expected ${expectedModelId}, found ${found}`);
    if (promptTokens.length !== session.promptLength)
      throw new ProofError(
        null,
        "prompt",
        `expected ${session.promptLength} tokens, found ${promptTokens.length}`,
      );
    this.#id = modelId(session);
  }

  /** Verified so far. */
  get segments(): number {
    return this.#segments;
  }

  /** The proven token at each position, the prompt's first, as far as there are any. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Verifies the next segment. @throws ProofError if the next segment's proof does not hold */
  async add(proof: Uint8Array): Promise<LinkVerdict> {
    const index = this.#segments;
    const { session, promptTokens } = this;
    const verdict = await this.verify(session, proof, this.#boundary);
    if (!verdict.ok) throw new ProofError(index, verdict.check, verdict.detail);
    const { statement } = verdict;
    const { boundaryIn, boundaryOut, tokens } = statement;
    // from position 0 the verifier itself knows the boundary
    if (index === 0 && boundaryIn.position !== 0)
      throw new ProofError(0, "incoming boundary", `expected position 0, found ${boundaryIn.position}`);
    const known = [...this.#tokens.slice(0, boundaryIn.position), ...tokens];
    if (boundaryOut.pendingToken !== NO_TOKEN) known.push(boundaryOut.pendingToken);
    for (const [position, token] of promptTokens.entries())
      if (position < known.length && known[position] !== token)
        throw new ProofError(
          index,
          "prompt",
          `expected token ${token} at ${position}, found ${known[position]}`,
        );
    this.#tokens.splice(0, this.#tokens.length, ...known);
    this.#boundary = boundaryOut;
    this.#segments++;
    return {
      statement,
      boundaryIn: hexOfWords(boundaryDigest(session, this.#id, boundaryIn)),
      boundaryOut: hexOfWords(boundaryDigest(session, this.#id, boundaryOut)),
      positions: known.length,
    };
  }
}
