import { type SegmentProtocol, segmentProtocol } from "../segment/protocol.ts";
import type { ModelSession } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { CircuitSizes } from "./circuit/sizes.ts";
import { type CircuitProtocol, circuitProtocol } from "./circuitProtocol.ts";

/**
 * Everything about the steps of a model's runs that is fixed beforehand; their circuit follows from it.
 *
 * @internal
 */
export interface StepProtocol {
  readonly session: ModelSession;
  /** Segments that a step joins, at most. */
  readonly places: number;
  readonly segment: SegmentProtocol;
  /** Of the step itself, and so also of the step that it verifies. */
  readonly circuit: CircuitProtocol;
}

/** More would not pay: what a step spends on the one before is a fifth of the whole by then. */
export const MAX_PLACES = 4;

export function stepProtocol(
  session: ModelSession,
  profile: Profile,
  { places, sizes }: { readonly places: number; readonly sizes: CircuitSizes },
): StepProtocol {
  return {
    session,
    places,
    segment: segmentProtocol(session.profile, session.description, session.logSegment, session.sampler),
    circuit: circuitProtocol(profile, sizes),
  };
}
