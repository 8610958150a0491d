import { logLayer } from "../hash/merkleLayer.ts";
import type { WhirShape } from "../whir/shape.ts";
import type { ArgumentShape } from "./soundness.ts";

const EXT_BYTES = 20;
const DIGEST_BYTES = 32;
const NONCE_BYTES = 4;

export interface ProofSize {
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  /** BLAKE3 compressions of leaves and paths, for the verifier and its circuit. */
  readonly compressions: number;
}

/** Bytes of an opening and of the argument before it: every row comes with its own path up to the tree's layer. */
export function proofSize(shape: WhirShape, argument: ArgumentShape): ProofSize {
  const parts: { name: string; bytes: number }[] = [];
  let compressions = 0;
  const add = (name: string, bytes: number) => parts.push({ name, bytes });
  const rows = (name: string, queries: number, rowBytes: number, logLeaves: number) => {
    const layer = logLayer(logLeaves, queries);
    const height = logLeaves - layer;
    compressions += queries * (Math.ceil(rowBytes / 64) + height) + 2 ** layer - 1;
    add(name, queries * (rowBytes + height * DIGEST_BYTES) + 2 ** layer * DIGEST_BYTES);
  };

  const layers = argument.lookupLayers;
  add("lookup layers", (layers * (layers - 1) + 4 * layers * argument.lookupTrees) * EXT_BYTES);
  add("relations", 2 * argument.sumcheckRounds * EXT_BYTES);
  add("claims", argument.claims * EXT_BYTES);
  for (const oracle of shape.oracles)
    rows(
      oracle.name,
      oracle.queries,
      4 * oracle.columns,
      oracle.logSize - oracle.logFold + oracle.logInvRate,
    );
  shape.rounds.forEach((oracle, i) => {
    const logLeaves = oracle.logSize - oracle.logFold + oracle.logInvRate;
    rows(`round ${i}`, oracle.queries, EXT_BYTES * oracle.columns, logLeaves);
  });
  const folds = [...shape.oracles, ...shape.rounds];
  const ground = folds.reduce((sum, oracle) => sum + oracle.logFold, 0);
  add("folds", ground * (2 * EXT_BYTES + NONCE_BYTES) + shape.logFinal * 2 * EXT_BYTES);
  add("roots and samples", folds.length * (DIGEST_BYTES + EXT_BYTES + NONCE_BYTES));
  add("final polynomial", EXT_BYTES * 2 ** shape.logFinal);
  return { parts, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), compressions };
}
