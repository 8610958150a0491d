import { fixedTables } from "../decode/fixedTables.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { type FileBytes, readCommitment } from "../whir/commitmentFile.ts";
import { commitOracle, nameOracle, type SentOracle, type WhirProver } from "../whir/commit.ts";
import { type OracleShape, storedWords } from "../whir/shape.ts";
import { placeOracle } from "./placeOracle.ts";
import type { SegmentProtocol } from "./protocol.ts";

/** The number of the fixed oracle. */
export const FIXED = 3;

/**
 * Commits a model's weights and tables. The commitment depends on them, on the profile and on the capacity, not on T
 * nor on the sampler.
 *
 * @param kept the commitment from before, instead of computing it
 * @throws if `kept` is another's
 */
export function commitFixed(
  prover: WhirProver,
  model: IntegerModel,
  { air, layouts, opening }: SegmentProtocol,
  kept?: FileBytes,
): SentOracle {
  const shape = opening.oracles[FIXED] as OracleShape;
  const words = placeOracle(prover, layouts[FIXED], fixedTables(model, air), storedWords(shape));
  if (kept) return readCommitment(prover, words, opening, FIXED, kept);
  return nameOracle(opening, FIXED, commitOracle(prover, words, shape));
}
