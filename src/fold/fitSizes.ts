import type { Profile } from "../whir/profile.ts";
import type { Circuit } from "./circuit/circuit.ts";
import { fuseOperations } from "./circuit/fuseOperations.ts";
import { type CircuitSizes, checkFit, leastSizes } from "./circuit/sizes.ts";
import { emptyRun, recordStep } from "./recordStep.ts";
import type { ModelSession } from "../segment/statement.ts";
import { LOG_STEP_INPUTS } from "./stepInputs.ts";
import { type StepProtocol, stepProtocol } from "./stepProtocol.ts";

/** Rounds of growing; the verifier of a proof grows with the logarithm of its size, so few are needed. */
const MAX_ROUNDS = 12;

export interface FittedStep {
  readonly protocol: StepProtocol;
  readonly circuit: Circuit;
}

/**
 * The least sizes with which the step's circuit, which verifies proofs of these very sizes, fits into
 * itself: the circuit is recorded for some sizes, then for those that it needs, until it fits.
 */
export function fitSizes(session: ModelSession, profile: Profile): FittedStep {
  let sizes: CircuitSizes = {
    logOps: 14,
    logLifts: 12,
    logBits: 8,
    hashes: [
      { log: 10, extended: false },
      { log: 8, extended: true },
    ],
    logCells: 15,
    logInputs: LOG_STEP_INPUTS,
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const fitted = recordFor(session, profile, sizes);
    try {
      checkFit(fitted.circuit, sizes);
      return fitted;
    } catch {
      sizes = leastSizes(fitted.circuit, LOG_STEP_INPUTS);
    }
  }
  throw new Error("fold: expected the step's circuit to fit into itself");
}

/** The step's circuit for given sizes. */
export function recordFor(session: ModelSession, profile: Profile, sizes: CircuitSizes): FittedStep {
  const protocol = stepProtocol(session, profile, sizes);
  const { circuit } = recordStep(protocol, emptyRun(session.logSegment));
  return { protocol, circuit: fuseOperations(circuit) };
}
