import type { SegmentRows } from "../decode/recorder.ts";
import { segmentWitness } from "../decode/segmentWitness.ts";
import { ProverChannel } from "../hash/proverChannel.ts";
import { availableThreads } from "../kernels/createKernels.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { DEFAULT_PROFILE, type Profile } from "../whir/profile.ts";
import { extendTokenDigest, genesis } from "./boundary.ts";
import { CarriedContexts } from "./carriedContexts.ts";
import { encodeSegmentProof } from "./format.ts";
import { prepareSegment } from "./prepareSegment.ts";
import { proveSegmentProof } from "./proveSegmentProof.ts";
import { commitmentOf, createProvingKey, type ProvingKey } from "./provingKey.ts";
import {
  type Boundary,
  type Commitment,
  NO_TOKEN,
  type SegmentStatement,
  type Session,
} from "./statement.ts";

export interface SegmentProverOptions {
  /** log2 of the rows of a segment. */
  readonly logSegment: number;
  readonly promptLength: number;
  readonly profile?: Profile;
  /** Plain TypeScript instead of WebAssembly. */
  readonly scalar?: boolean;
  /** Threads that prove; as many as there are processors by default. The proof is the same for any number. */
  readonly threads?: number;
}

export interface SegmentResult {
  readonly proof: Uint8Array;
  readonly statement: SegmentStatement;
  /** Live rows. */
  readonly rows: number;
  /** Committed cells of the trace. */
  readonly cells: number;
  readonly proveMs: number;
}

/**
 * Proves the consecutive segments of one run, in order. Holds the kernels' memory, the committed weights
 * and the carried context.
 *
 * @example
 * ```ts
 * const prover = SegmentProver.create(model, { logSegment: 5, promptLength: 4 });
 * const { proof } = prover.prove(recorder.take());
 * console.log(verifySegment(prover.session, proof).ok);
 * ```
 */
export class SegmentProver {
  readonly genesis: Boundary;
  #boundary: Boundary;
  /** The context after the last segment. */
  #context: { readonly keys: Int32Array; readonly values: Int32Array };
  readonly #contexts: CarriedContexts;

  private constructor(
    readonly key: ProvingKey,
    readonly session: Session,
  ) {
    this.genesis = genesis(key.protocol);
    this.#boundary = this.genesis;
    this.#contexts = new CarriedContexts(key);
    const { logSize } = key.protocol.layouts[1];
    this.#context = { keys: new Int32Array(2 ** (logSize - 1)), values: new Int32Array(2 ** (logSize - 1)) };
  }

  /** Commits the model's weights, once for the run. */
  static create(model: IntegerModel, options: SegmentProverOptions): SegmentProver {
    const { logSegment, promptLength, profile = DEFAULT_PROFILE, scalar } = options;
    const threads = options.threads ?? availableThreads();
    const key = createProvingKey(model, profile, logSegment, { scalar, threads });
    const { config, shifts, normBits, expScale, scoreShift } = model;
    const description = { config, shifts, normBits, expScale, scoreShift };
    return new SegmentProver(key, {
      profile,
      description,
      fixed: commitmentOf(key.fixed),
      logSegment,
      promptLength,
    });
  }

  /** Ends the helper threads; without it they end when they have been idle for some seconds. */
  close(): void {
    this.key.close();
  }

  /** Where the run stands. */
  get boundary(): Boundary {
    return this.#boundary;
  }

  /**
   * Proves the next segment: 1 to T rows, T unless it is the run's last.
   *
   * @throws RangeError if the rows do not follow the boundary
   */
  prove(rows: SegmentRows): SegmentResult {
    const start = performance.now();
    const { key, session } = this;
    if (rows.position !== this.#boundary.position)
      throw new RangeError(
        `segment: expected rows from position ${this.#boundary.position}, got ${rows.position}`,
      );
    const { arena } = key.prover;
    const mark = arena.mark();
    try {
      const witness = segmentWitness(key.model, key.protocol.air, rows, this.#context, session);
      const prepared = prepareSegment(
        key,
        session,
        witness,
        (context) => nextStatement(session, this.#boundary, rows, context),
        this.#contexts.carried(),
      );
      const channel = new ProverChannel();
      proveSegmentProof(key, session, channel, prepared);
      const { statement } = prepared;
      this.#context = {
        keys: witness.get("contextOut.keys") as Int32Array,
        values: witness.get("contextOut.values") as Int32Array,
      };
      this.#boundary = statement.boundaryOut;
      this.#contexts.advance(prepared.contextOut);
      return {
        proof: encodeSegmentProof({ statement, body: channel.finish() }),
        statement,
        rows: rows.tokens.length,
        cells: key.protocol.layouts[0].cells,
        proveMs: performance.now() - start,
      };
    } finally {
      arena.release(mark);
    }
  }
}

/** The statement of a segment that starts at `boundaryIn`, consumes these rows and ends in `context`. */
export function nextStatement(
  session: Session,
  boundaryIn: Boundary,
  { tokens, choices }: SegmentRows,
  context: Commitment,
): SegmentStatement {
  const { promptLength } = session;
  const position = boundaryIn.position + tokens.length;
  const boundaryOut = {
    position,
    tokenDigest: extendTokenDigest(session, boundaryIn.tokenDigest, tokens),
    pendingToken: position >= promptLength ? choices[choices.length - 1] : NO_TOKEN,
    context,
  };
  return { boundaryIn, boundaryOut, tokens };
}
