import { hashWords, labelWords } from "../hash/blake3.ts";
import { modelId } from "../segment/boundary.ts";
import type { Commitment, ModelSession } from "../segment/statement.ts";
import { type Profile, profileWords } from "../whir/profile.ts";
import { type CircuitSizes, sizeWords } from "./circuit/sizes.ts";

/** The step's circuit as verifiers know it. */
export interface FoldKey {
  /** Segments that a step joins, at most. */
  readonly places: number;
  /** Of the circuit that it is of. */
  readonly sizes: CircuitSizes;
  /** Name of the committed circuit. */
  readonly name: Commitment;
}

/**
 * Digest of all that a final proof depends on besides the run: model, fold parameters, circuit; 8 words. Like a
 * model id, it means something to whoever recomputed it: the circuit follows from model and parameters.
 */
export function foldId(
  session: ModelSession,
  profile: Profile,
  { places, sizes, name }: FoldKey,
): Uint32Array {
  return hashWords([
    ...labelWords("fold"),
    ...modelId(session),
    ...profileWords(profile),
    places,
    ...sizeWords(sizes),
    ...name.root,
    ...name.value,
  ]);
}
