import { extArithmetic } from "../hash/extArithmetic.ts";
import type { SegmentProof } from "../segment/format.ts";
import { NO_TOKEN, type RunTerms } from "../segment/statement.ts";
import { verifySegmentSteps } from "../segment/verifySegmentProof.ts";
import { CircuitBuilder, wireOf } from "./circuit/circuitBuilder.ts";
import { IntegerWires } from "./circuit/integerWires.ts";
import { RecordingChannel } from "./circuit/recordingChannel.ts";
import type { Wire, WordCell } from "./circuit/wire.ts";
import { fromCoordinates } from "./circuit/wireTranscript.ts";
import { stateSegment } from "./segmentStatement.ts";
import { LOG_STEP_INPUTS, STEP_INPUTS, type StepStatement, stepInputs } from "./stepInputs.ts";
import type { StepProtocol } from "./stepProtocol.ts";
import { verifyCircuitSteps } from "./verifyCircuitProof.ts";

/** What a step joins. */
export interface StepRun {
  readonly terms: RunTerms;
  readonly segment: SegmentProof;
  /** The proof of the step before; null at the start of a run. */
  readonly previous: Uint32Array | null;
  readonly statement: StepStatement;
}

/**
 * The step: a circuit that verifies the segment's proof, and the proof of the step before unless there is
 * none, with the same key and first boundary, ending where the segment starts. Without one, the first
 * boundary is the segment's own. Whether there is one is the prover's free choice: either way the run from
 * `first` to `last` is proven, by induction over the steps.
 *
 * The rows depend on the protocol alone. The builder also holds the values that `run` gives to the cells,
 * and what checks they fail.
 */
export function recordStep(protocol: StepProtocol, run: StepRun): CircuitBuilder {
  const builder = new CircuitBuilder(stepInputs(run.statement));
  const integers = new IntegerWires(builder);
  const { session, segment, circuit } = protocol;

  const stated = stateSegment(builder, session, segment, run.terms, run.segment.statement);
  expectDigest(builder, stated.digestOut, STEP_INPUTS.last, "last boundary");
  const channel = new RecordingChannel(builder, run.segment.body);
  verifySegmentSteps(channel, segment, stated.wires);
  channel.expectEnd();

  const isFirst = integers.freeBit(run.previous === null);
  builder.guard = isFirst;
  expectDigest(builder, stated.digestIn, STEP_INPUTS.first, "first boundary");

  builder.guard = wireOf(builder.cellOf(integers.not(isFirst)));
  const inputs = previousInputs(builder, integers, stated.digestIn);
  const previous = new RecordingChannel(builder, run.previous ?? new Uint32Array(0));
  verifyCircuitSteps(previous, circuit, {
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
  const zero = (count: number) => new Array<number>(count).fill(0);
  const context = { root: zero(8), value: extArithmetic.constant(0) };
  const boundary = { position: 0, tokenDigest: zero(8), pendingToken: NO_TOKEN, context };
  return {
    terms: { promptLength: 1 },
    segment: {
      statement: { boundaryIn: boundary, boundaryOut: boundary, tokens: zero(2 ** logSegment) },
      body: new Uint32Array(0),
    },
    previous: null,
    statement: { key: context, first: zero(8), last: zero(8) },
  };
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
