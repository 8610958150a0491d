import type { FoldKey } from "../fold/foldKey.ts";
import type { ModelSession, RunTerms } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";

/** Folds the segments of runs of one model, as a session sees it, in this thread or in another. */
export interface SessionFold {
  readonly key: FoldKey;
  /** Joins encoded segment proofs, at most `key.places`, to the encoded proof of the step before; the new step's, encoded. */
  step(terms: RunTerms, segments: readonly Uint8Array[], previous: Uint8Array | null): Promise<Uint8Array>;
  /** Frees the prover; what it has not finished fails. */
  close(): void;
}

/**
 * @param profile of the steps' proofs
 * @param places segments that a step joins, at most
 *
 * @internal
 */
export type OpenFold = (session: ModelSession, profile: Profile, places: number) => Promise<SessionFold>;
