import type { KernelOptions } from "../kernels/createKernels.ts";
import type { SegmentProof } from "../segment/format.ts";
import { type ModelSession, type RunTerms, sessionOf } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { CircuitSizes } from "./circuit/sizes.ts";
import { type CircuitKey, createCircuitKey } from "./circuitKey.ts";
import { type FittedStep, fitSizes, recordFor } from "./fitSizes.ts";
import { digestOf, expandSegment, expandStep, StepError } from "./expand.ts";
import type { FoldProof } from "./format.ts";
import { proveCircuit } from "./proveCircuit.ts";
import { recordStep } from "./recordStep.ts";
import { MAX_PLACES } from "./stepProtocol.ts";
import type { FoldKey } from "./foldKey.ts";
import { type StepStatement, stepInputs } from "./stepInputs.ts";

/**
 * Folds the segments of runs of one model, one after the other. Holds the kernels' memory and the
 * committed circuit, both for all runs of the model.
 *
 * @example
 * ```ts
 * const prover = StepProver.create(session, profile);
 * let step: FoldProof | null = null;
 * for (const segment of segments) step = prover.prove({ promptLength }, [segment], step);
 * ```
 */
export class StepProver {
  private constructor(
    readonly fitted: FittedStep,
    readonly key: CircuitKey,
  ) {}

  /**
   * Records and commits the circuit; its sizes are found first unless they are given.
   *
   * @param places segments that a step can join, 1 if not given
   */
  static create(
    session: ModelSession,
    profile: Profile,
    {
      places = 1,
      sizes,
      ...options
    }: KernelOptions & { readonly places?: number; readonly sizes?: CircuitSizes } = {},
  ): StepProver {
    if (!Number.isInteger(places) || places < 1 || places > MAX_PLACES)
      throw new RangeError(`fold: expected 1 to ${MAX_PLACES} segments a step, got ${places}`);
    const fitted = sizes
      ? recordFor(session, profile, { places, sizes })
      : fitSizes(session, profile, places);
    return new StepProver(fitted, createCircuitKey(fitted.protocol.circuit, fitted.circuit, options));
  }

  /**
   * Joins proven segments, one after the other, to the steps before them.
   *
   * @param ended for measurements: told the name of each stage when it is over
   * @throws StepError if one of them does not verify, or they do not fit together
   * @throws RangeError if there are no segments, or more than the step has places
   */
  prove(
    terms: RunTerms,
    segments: readonly SegmentProof[],
    previous: FoldProof | null,
    ended: (stage: string) => void = () => {},
  ): FoldProof {
    const { protocol } = this.fitted;
    const { places } = protocol;
    if (segments.length < 1 || segments.length > places)
      throw new RangeError(`fold: expected 1 to ${places} segments, got ${segments.length}`);
    const session = sessionOf(protocol.session, terms);
    const { boundaryIn } = (segments[0] as SegmentProof).statement;
    const { boundaryOut } = (segments.at(-1) as SegmentProof).statement;
    const first = previous ? previous.first : digestOf(session, boundaryIn);
    const statement: StepStatement = { key: this.key.name, first, last: digestOf(session, boundaryOut) };
    const run = {
      terms,
      segments: segments.map((segment) => ({ ...segment, body: expandSegment(protocol, terms, segment) })),
      previous: previous && expandStep(protocol, terms, this.key.name, previous),
      statement,
    };
    ended("children verified");
    const { memory, failures } = recordStep(protocol, run);
    if (failures.length > 0) throw new StepError(failures);
    ended("circuit recorded");
    const body = proveCircuit(this.key, memory, stepInputs(statement), ended);
    return { first: [...first], last: boundaryOut, body };
  }

  /** What verifiers need to know: the sizes and the circuit's name. */
  get foldKey(): FoldKey {
    const { places, circuit } = this.fitted.protocol;
    return { places, sizes: circuit.sizes, name: this.key.name };
  }

  /** Ends the kernels' helper threads. */
  close(): void {
    this.key.close();
  }
}
