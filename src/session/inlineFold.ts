import { decodeFoldProof, encodeFoldProof } from "../fold/format.ts";
import type { FoldKey } from "../fold/foldKey.ts";
import { StepProver } from "../fold/stepProver.ts";
import { availableThreads } from "../kernels/createKernels.ts";
import { decodeSegmentProof } from "../segment/format.ts";
import type { ModelSession, RunTerms } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { SessionFold } from "./sessionFold.ts";

/** A step prover that takes and gives encoded proofs. */
export interface ByteFold {
  readonly key: FoldKey;
  step(terms: RunTerms, segments: readonly Uint8Array[], previous: Uint8Array | null): Uint8Array;
  close(): void;
}

export function createByteFold(session: ModelSession, profile: Profile, places: number): ByteFold {
  const prover = StepProver.create(session, profile, { places, threads: availableThreads() });
  return {
    key: prover.foldKey,
    step(terms, segments, previous) {
      const proofs = segments.map((segment) => {
        const proof = decodeSegmentProof(segment, 2 ** session.logSegment);
        if ("detail" in proof) throw new Error(`segment proof: ${proof.detail}`);
        return proof;
      });
      const before = previous && decodeFoldProof(previous);
      if (before && "detail" in before) throw new Error(`step proof: ${before.detail}`);
      return encodeFoldProof(prover.prove(terms, proofs, before));
    },
    close: () => prover.close(),
  };
}

/** Folding in this thread, which stands still meanwhile. */
export async function openInlineFold(
  session: ModelSession,
  profile: Profile,
  places: number,
): Promise<SessionFold> {
  const fold = createByteFold(session, profile, places);
  return {
    key: fold.key,
    step: async (...args) => fold.step(...args),
    close: fold.close,
  };
}
