import type { SegmentRows } from "../decode/recorder.ts";
import { matrixProducts } from "../decode/matrixProducts.ts";
import { type CarriedContext, segmentWitness } from "../decode/segmentWitness.ts";
import type { Witness } from "../decode/witness.ts";
import { ProverChannel } from "../hash/proverChannel.ts";
import { availableThreads } from "../kernels/createKernels.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { Sampler } from "../model/sampler.ts";
import type { Profile } from "../whir/profile.ts";
import { extendTokenDigest, genesis } from "./boundary.ts";
import { encodeSegmentProof } from "./format.ts";
import { firstFrontier, type Frontier } from "./frontier.ts";
import { profileFor } from "./profileFor.ts";
import { prepareSegment } from "./prepareSegment.ts";
import { proveSegmentProof } from "./proveSegmentProof.ts";
import { createProvingKey, type ProvingKey } from "./provingKey.ts";
import {
  type Boundary,
  type Commitment,
  NO_TOKEN,
  type SegmentStatement,
  type RunTerms,
  type Session,
  sessionOf,
} from "./statement.ts";

export interface SegmentProverOptions {
  /** log2 of the rows of a segment. */
  readonly logSegment: number;
  readonly promptLength: number;
  /** How tokens are chosen; greedily if left out. */
  readonly sampler?: Sampler;
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
 * Proves the consecutive segments of one run, in order. Many runs may share a key: their segments may be
 * proven in any order.
 *
 * @example
 * ```ts
 * const prover = SegmentProver.create(model, { logSegment: 5, promptLength: 4 });
 * const { proof } = prover.prove(recorder.take());
 * console.log(verifySegment(prover.session, proof).ok);
 * ```
 */
export class SegmentProver {
  /** What is proven. */
  readonly session: Session;
  #frontier: Frontier;

  /** A run that goes on from `frontier`, or begins. */
  constructor(
    readonly key: ProvingKey,
    terms: RunTerms,
    frontier: Frontier = firstFrontier(key.protocol),
  ) {
    this.session = sessionOf(key.session, terms);
    this.#frontier = frontier;
  }

  /** Commits the model's weights, and begins a run. */
  static create(model: IntegerModel, options: SegmentProverOptions): SegmentProver {
    const { logSegment, promptLength, sampler, profile = profileFor(model), scalar } = options;
    const threads = options.threads ?? availableThreads();
    const key = createProvingKey(model, profile, logSegment, { scalar, threads, sampler });
    return new SegmentProver(key, { promptLength, seed: sampler?.seed });
  }

  /** Ends the key's helper threads; without it they end when they have been idle for some seconds. */
  close(): void {
    this.key.close();
  }

  /** Where every run begins. */
  get genesis(): Boundary {
    return genesis(this.key.protocol);
  }

  /** Where the run stands. */
  get frontier(): Frontier {
    return this.#frontier;
  }

  /**
   * Proves the next segment: 1 to T rows, T unless it is the run's last.
   *
   * @throws RangeError if the rows do not follow the frontier
   */
  prove(rows: SegmentRows): SegmentResult {
    const start = performance.now();
    const { key, session } = this;
    const { arena } = key.prover;
    const mark = arena.mark();
    try {
      const witness = this.#witness(rows);
      const stateWith = (contextOut: Commitment, contextIn: Commitment) =>
        nextStatement(session, { ...this.#frontier, context: contextIn }, rows, contextOut);
      const carried = key.contexts.carried(this.#frontier.context);
      const known = matrixProducts({ config: key.model.config, air: key.protocol.air }, rows);
      const prepared = prepareSegment(key, session, witness, stateWith, carried, known);
      const channel = new ProverChannel();
      proveSegmentProof(key, session, channel, prepared);
      const { statement, contextOut } = prepared;
      this.#frontier = { ...statement.boundaryOut, context: contextAfter(witness) };
      key.contexts.advance(contextOut);
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

  /**
   * Goes past a segment that was proven before.
   *
   * @throws RangeError if the rows do not follow the frontier
   */
  skip(rows: SegmentRows): void {
    const witness = this.#witness(rows);
    this.#frontier = { ...rowsAfter(this.session, this.#frontier, rows), context: contextAfter(witness) };
  }

  #witness(rows: SegmentRows): Witness {
    const { position, context } = this.#frontier;
    if (rows.position !== position)
      throw new RangeError(`segment: expected rows from position ${position}, got ${rows.position}`);
    const { model, protocol } = this.key;
    return segmentWitness(model, protocol.air, rows, context, this.session);
  }
}

function contextAfter(witness: Witness): CarriedContext {
  return {
    keys: witness.get("contextOut.keys") as Int32Array,
    values: witness.get("contextOut.values") as Int32Array,
  };
}

/** The statement of a segment that starts at `boundaryIn`, consumes these rows and ends in `context`. */
export function nextStatement(
  session: Session,
  boundaryIn: Boundary,
  rows: SegmentRows,
  context: Commitment,
): SegmentStatement {
  const boundaryOut = { ...rowsAfter(session, boundaryIn, rows), context };
  return { boundaryIn, boundaryOut, tokens: rows.tokens };
}

/** Where these rows lead, but for the context. */
function rowsAfter(
  session: Session,
  before: Omit<Boundary, "context">,
  { tokens, choices }: SegmentRows,
): Omit<Boundary, "context"> {
  const position = before.position + tokens.length;
  return {
    position,
    tokenDigest: extendTokenDigest(session, before.tokenDigest, tokens),
    pendingToken: position >= session.promptLength ? choices[choices.length - 1] : NO_TOKEN,
  };
}
