import { DIGEST_WORDS } from "../hash/blake3.ts";
import { logLayer } from "../hash/merkleLayer.ts";
import type { WhirShape } from "./shape.ts";

/**
 * Words of the part of an expanded proof (`expandProof`) that `verifyOpening` reads, by the shape alone (roots and out-of-domain
 * values of the given oracles come before it: 13 words for each of kind "transcript").
 *
 * @example
 * ```ts
 * console.log(`${(openingWords(shape) * 4) / 1024} KiB`);
 * ```
 */
export function openingWords(shape: WhirShape): number {
  const nonce = (bits: number) => (bits > 0 ? 1 : 0);
  const fold = (rounds: number, grinding: number) => rounds * (10 + nonce(grinding));
  const rows = (queries: number, words: number, logRows: number) => {
    const layer = logLayer(logRows, queries);
    return queries * (words + DIGEST_WORDS * (logRows - layer)) + DIGEST_WORDS * 2 ** layer;
  };
  let total = nonce(shape.batchGrinding) + nonce(shape.queryGrinding);
  for (const { logSize, logFold, logInvRate, columns, queries, foldGrinding } of shape.oracles)
    total += fold(logFold, foldGrinding) + rows(queries, columns, logSize - logFold + logInvRate);
  for (const round of shape.rounds) {
    const { logSize, logFold, columns, logInvRate, queries, foldGrinding, queryGrinding } = round;
    total += 8 + 5; // root, out-of-domain value
    total += fold(logFold, foldGrinding) + nonce(queryGrinding);
    total += rows(queries, 5 * columns, logSize - logFold + logInvRate);
  }
  return total + 5 * 2 ** shape.logFinal + fold(shape.logFinal, 0);
}
