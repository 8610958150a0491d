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
  readonly segment: SegmentProtocol;
  /** Of the step itself, and so also of the step that it verifies. */
  readonly circuit: CircuitProtocol;
}

export function stepProtocol(session: ModelSession, profile: Profile, sizes: CircuitSizes): StepProtocol {
  return {
    session,
    segment: segmentProtocol(session.profile, session.description, session.logSegment, session.sampler),
    circuit: circuitProtocol(profile, sizes),
  };
}
