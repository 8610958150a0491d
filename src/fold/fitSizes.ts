import type { ModelSession } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { Circuit } from "./circuit/circuit.ts";
import { fuseOperations } from "./circuit/fuseOperations.ts";
import { type CircuitSizes, checkFit, leastSizes, sizeWords } from "./circuit/sizes.ts";
import { emptyRun, recordStep } from "./recordStep.ts";
import { LOG_STEP_INPUTS } from "./stepInputs.ts";
import { type StepProtocol, stepProtocol } from "./stepProtocol.ts";

/** Rounds of growing; the verifier of a proof grows with the logarithm of its size, so few are needed. */
const MAX_ROUNDS = 12;

export interface FittedStep {
  readonly protocol: StepProtocol;
  readonly circuit: Circuit;
}

/**
 * Sizes with which the step's circuit, which verifies proofs of these very sizes, fits into itself: the circuit is
 * recorded for some sizes, then for those that it needs, until it fits and does not fit into what it needs then.
 */
export function fitSizes(session: ModelSession, profile: Profile, places: number): FittedStep {
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
  let best: FittedStep | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const fitted = recordFor(session, profile, { places, sizes });
    const least = leastSizes(fitted.circuit, LOG_STEP_INPUTS);
    const fits = isFit(fitted.circuit, sizes);
    if (best && !fits) return best;
    if (fits) best = fitted;
    if (sizeWords(least).join() === sizeWords(sizes).join()) break;
    sizes = least;
  }
  if (!best) throw new Error("fold: expected the step's circuit to fit into itself");
  return best;
}

function isFit(circuit: Circuit, sizes: CircuitSizes): boolean {
  try {
    checkFit(circuit, sizes);
    return true;
  } catch {
    return false;
  }
}

/** The step's circuit for given places and sizes. */
export function recordFor(
  session: ModelSession,
  profile: Profile,
  key: { readonly places: number; readonly sizes: CircuitSizes },
): FittedStep {
  const protocol = stepProtocol(session, profile, key);
  const { circuit } = recordStep(protocol, emptyRun(session.logSegment));
  return { protocol, circuit: fuseOperations(circuit) };
}
