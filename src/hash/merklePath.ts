import { DIGEST_WORDS, hashPair, hashWords } from "./blake3.ts";

/**
 * Merkle paths as the verifier sees them: a binary tree of 2^logLeaves leaves of BLAKE3 digests, its
 * depth fixed by the shape, so that a leaf is never taken for a node.
 *
 * @example
 * ```ts
 * import { merkleRoot, zeroRoot } from "./merklePath.ts";
 * const below = zeroRoot(0, 3);
 * console.log(merkleRoot([0, 0, 0], 1, below), zeroRoot(1, 3)); // equal
 * ```
 */

/**
 * The root over a row of words at `index`, given its path: the siblings' digests, 8 words each, the
 * leaf's sibling first. Bit i of the index says whether the node at height i is a right child.
 */
export function merkleRoot(row: ArrayLike<number>, index: number, path: Uint32Array): Uint32Array {
  let digest = hashWords(row);
  for (let i = 0; i * DIGEST_WORDS < path.length; i++) {
    const sibling = path.subarray(i * DIGEST_WORDS, (i + 1) * DIGEST_WORDS);
    digest = (index >>> i) & 1 ? hashPair(sibling, digest) : hashPair(digest, sibling);
  }
  return digest;
}

/** The root of the tree of 2^logLeaves rows of `columns` zeros, in logLeaves + 1 hashes. */
export function zeroRoot(logLeaves: number, columns: number): Uint32Array {
  let digest = hashWords(new Uint32Array(columns));
  for (let i = 0; i < logLeaves; i++) digest = hashPair(digest, digest);
  return digest;
}

/** Are two digests the same? */
export function sameDigest(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}
