import { ZERO } from "../field/ext.ts";
import type { SegmentProof } from "../segment/format.ts";
import { type Commitment, NO_TOKEN, type RunTerms } from "../segment/statement.ts";
import { verifySegmentSteps } from "../segment/verifySegmentProof.ts";
import { CircuitBuilder, wireOf } from "./circuit/circuitBuilder.ts";
import { IntegerWires } from "./circuit/integerWires.ts";
import { RecordingChannel } from "./circuit/recordingChannel.ts";
import type { Wire, WordCell } from "./circuit/wire.ts";
import { fromCoordinates } from "./circuit/wireTranscript.ts";
import { type StatedSegment, stateSegment } from "./segmentStatement.ts";
import { LOG_STEP_INPUTS, STEP_INPUTS, type StepStatement, stepInputs } from "./stepInputs.ts";
import type { StepProtocol } from "./stepProtocol.ts";
import { verifyCircuitSteps } from "./verifyCircuitProof.ts";

/** What a step joins. */
export interface StepRun {
  readonly terms: RunTerms;
  /** Consecutive ones: at least one, at most as many as the step has places. */
  readonly segments: readonly SegmentProof[];
  /** The proof of the step before; null at the start of a run. */
  readonly previous: Uint32Array | null;
  readonly statement: StepStatement;
}

/**
 * The step: a circuit that verifies the segments' proofs, each starting where the one before ends, and the proof
 * of the step before unless there is none, with the same key and first boundary, ending where the first segment
 * starts. Without one, the first boundary is that segment's own. Whether there is one, and how many of the places
 * after the first hold a segment, is the prover's free choice: whatever it is, the run from `first` to `last` is
 * proven, by induction over the steps. An empty place passes the boundary on.
 *
 * The rows depend on the protocol alone. The builder also holds the values that `run` gives to the cells,
 * and what checks they fail.
 */
export function recordStep(protocol: StepProtocol, run: StepRun): CircuitBuilder {
  const builder = new CircuitBuilder(stepInputs(run.statement));
  const integers = new IntegerWires(builder);

  const { digestIn, digestOut } = recordSegment(builder, protocol, run.terms, run.segments[0]);
  let last = digestOut;
  for (let place = 1; place < protocol.places; place++) {
    const segment = run.segments[place];
    const isUsed = integers.freeBit(segment !== undefined);
    const stated = recordSegment(
      builder,
      protocol,
      run.terms,
      segment ?? noSegment(protocol.session.logSegment),
      isUsed,
    );
    builder.guard = isUsed;
    last.forEach((word, k) => {
      builder.expectSameWord(stated.digestIn[k], word, "boundary between segments");
    });
    builder.guard = null;
    last = last.map((word, k) => chosenWord(builder, isUsed, stated.digestOut[k], word));
  }
  expectDigest(builder, last, STEP_INPUTS.last, "last boundary");

  const isFirst = integers.freeBit(run.previous === null);
  builder.guard = isFirst;
  expectDigest(builder, digestIn, STEP_INPUTS.first, "first boundary");

  builder.guard = wireOf(builder.cellOf(integers.not(isFirst)));
  const inputs = previousInputs(builder, integers, digestIn);
  const previous = new RecordingChannel(builder, run.previous ?? new Uint32Array(0));
  verifyCircuitSteps(previous, protocol.circuit, {
    words: inputs.map((cell) => ({ word: cell })),
    inputs: inputs.map(wireOf),
    key: keyOf(builder),
  });
  previous.expectEnd();
  builder.guard = null;
  return builder;
}

/** A run of nothing: enough to record the circuit. */
export function emptyRun(logSegment: number): StepRun {
  return {
    terms: { promptLength: 1 },
    segments: [noSegment(logSegment)],
    previous: null,
    statement: { key: NO_COMMITMENT, first: zeros(8), last: zeros(8) },
  };
}

const zeros = (count: number) => new Array<number>(count).fill(0);
const NO_COMMITMENT: Commitment = { root: zeros(8), value: ZERO };

/** What an empty place holds. */
function noSegment(logSegment: number): SegmentProof {
  const boundary = {
    position: 0,
    tokenDigest: zeros(8),
    pendingToken: NO_TOKEN,
    context: NO_COMMITMENT,
  };
  return {
    statement: { boundaryIn: boundary, boundaryOut: boundary, tokens: zeros(2 ** logSegment) },
    body: new Uint32Array(0),
  };
}

/** Verifies a segment's proof, if a place's guard is 1 or there is none; its boundaries' digests. */
function recordSegment(
  builder: CircuitBuilder,
  { session, segment }: StepProtocol,
  terms: RunTerms,
  { statement, body }: SegmentProof,
  guard: Wire | null = null,
): StatedSegment {
  builder.guard = guard;
  const stated = stateSegment(builder, session, segment, terms, statement);
  const channel = new RecordingChannel(builder, body);
  verifySegmentSteps(channel, segment, stated.wires);
  channel.expectEnd();
  builder.guard = null;
  return stated;
}

/** The first word if the bit is 1, else the second. */
function chosenWord(builder: CircuitBuilder, bit: Wire, one: WordCell, zero: WordCell): WordCell {
  const other = wireOf(zero);
  const chosen = builder.add(other, builder.mul(bit, builder.sub(wireOf(one), other)));
  return builder.cellOf(chosen);
}

/** The digest is the one among the public inputs at `at`. */
function expectDigest(builder: CircuitBuilder, digest: readonly WordCell[], at: number, check: string): void {
  digest.forEach((word, k) => {
    builder.expectSameWord(word, publicWord(builder, at + 2 * k), check);
  });
}

const X = [0, 1, 0, 0, 0] as const;

/** The word whose halves are the public inputs at `at` and `at` + 1: a cell (low, high, 0, 0, 0). */
function publicWord(builder: CircuitBuilder, at: number): WordCell {
  return builder.cellOf(builder.add(wireOf(at), builder.mul(wireOf(at + 1), builder.constant(X))));
}

/** Low + 2^16·high as a base element. */
function publicCoordinate(builder: CircuitBuilder, at: number): Wire {
  return builder.add(wireOf(at), builder.scale(wireOf(at + 1), 2 ** 16));
}

/** The circuit's own key, from the public inputs: its root is read as words, its value as an element. */
function keyOf(builder: CircuitBuilder) {
  const root = Array.from({ length: 8 }, (_, k) => ({ word: publicWord(builder, STEP_INPUTS.root + 2 * k) }));
  const value = fromCoordinates(
    builder,
    Array.from({ length: 5 }, (_, k) => publicCoordinate(builder, STEP_INPUTS.value + 2 * k)),
  );
  return { root, value };
}

/**
 * The cells of the previous step's public inputs: key and first boundary are this step's, the last boundary
 * is where the segment starts. A half is a base element below 2^16, and so at once the word of that value.
 */
function previousInputs(
  builder: CircuitBuilder,
  integers: IntegerWires,
  last: readonly WordCell[],
): WordCell[] {
  const halves = last.flatMap((word) => {
    const bits = builder.bits(word);
    return [bits.slice(0, 16), bits.slice(16)].map((half) => builder.cellOf(integers.value(half)));
  });
  return Array.from({ length: 2 ** LOG_STEP_INPUTS }, (_, at) => {
    if (at >= STEP_INPUTS.end) return 0;
    return at < STEP_INPUTS.last ? at : halves[at - STEP_INPUTS.last];
  });
}
