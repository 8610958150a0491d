import { expandProof } from "../hash/nativeChannel.ts";
import { boundaryDigest, modelId } from "../segment/boundary.ts";
import type { SegmentProof } from "../segment/format.ts";
import {
  type Boundary,
  type Commitment,
  type RunTerms,
  type Session,
  sessionOf,
} from "../segment/statement.ts";
import { verifySegmentProof } from "../segment/verifySegmentProof.ts";
import type { FoldProof } from "./format.ts";
import { stepInputs } from "./stepInputs.ts";
import type { StepProtocol } from "./stepProtocol.ts";
import { verifyCircuitSteps } from "./verifyCircuitProof.ts";

/** A step that cannot be proven, because what it verifies does not hold. */
export class StepError extends Error {
  constructor(readonly checks: readonly string[]) {
    super(`fold: expected a segment and a step that verify, failed: ${checks.slice(0, 3).join(", ")}`);
  }
}

/**
 * The segment proof's words as the circuit reads them, with whole paths.
 *
 * @throws StepError if it does not verify
 */
export function expandSegment(protocol: StepProtocol, terms: RunTerms, proof: SegmentProof): Uint32Array {
  const session = sessionOf(protocol.session, terms);
  const { statement, body } = proof;
  return wordsOf(
    "segment",
    expandProof(body, (channel) => verifySegmentProof(channel, session, protocol.segment, statement)),
  );
}

/**
 * The same of the proof of a step, by the circuit named `key`.
 *
 * @throws StepError if it does not verify
 */
export function expandStep(
  protocol: StepProtocol,
  terms: RunTerms,
  key: Commitment,
  { first, last, body }: FoldProof,
): Uint32Array {
  const words = stepInputs({ key, first, last: digestOf(sessionOf(protocol.session, terms), last) });
  return wordsOf(
    "step",
    expandProof(body, (channel) =>
      verifyCircuitSteps(channel, protocol.circuit, {
        words,
        inputs: words.map((half) => channel.constant(half)),
        key: { root: key.root, value: channel.constant(key.value) },
      }),
    ),
  );
}

/** The boundary's digest, 8 words. */
export function digestOf(session: Session, boundary: Boundary): number[] {
  return [...boundaryDigest(session, modelId(session), boundary)];
}

function wordsOf(what: string, expanded: ReturnType<typeof expandProof>): Uint32Array {
  if (!(expanded instanceof Uint32Array)) throw new StepError([`${what}: ${expanded.check}`]);
  return expanded;
}
