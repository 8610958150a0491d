import { hashPair, hashWords } from "./blake3.ts";

/**
 * The root of the tree of 2^logLeaves rows of `columns` zeros, in logLeaves + 1 hashes.
 *
 * @example
 * ```ts
 * import { zeroRoot } from "./zeroRoot.ts";
 * console.log(zeroRoot(20, 16)); // 8 words
 * ```
 */
export function zeroRoot(logLeaves: number, columns: number): Uint32Array {
  let digest = hashWords(new Uint32Array(columns));
  for (let i = 0; i < logLeaves; i++) digest = hashPair(digest, digest);
  return digest;
}
