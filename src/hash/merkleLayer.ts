import { DIGEST_WORDS, hashPair } from "./blake3.ts";

/**
 * The layer of a tree of 2^logLeaves leaves at which the paths of so many openings end, counted from the root: 2^c
 * nodes. Its nodes are sent once and hashed to the root once. That is cheapest with about as many nodes as openings:
 * one layer more saves a hash for each opening and costs one for each node.
 */
export function logLayer(logLeaves: number, openings: number): number {
  let log = 0;
  while (log < logLeaves && 2 ** log < openings) log++;
  return log;
}

/** The root above a layer of 2^c digests. */
export function layerRoot(layer: Uint32Array): Uint32Array {
  let nodes = Array.from({ length: layer.length / DIGEST_WORDS }, (_, k) => digestAt(layer, k));
  while (nodes.length > 1)
    nodes = Array.from({ length: nodes.length / 2 }, (_, k) =>
      hashPair(nodes[2 * k] as Uint32Array, nodes[2 * k + 1] as Uint32Array),
    );
  return nodes[0] as Uint32Array;
}

/** Digest k of a list of digests. */
export function digestAt(digests: Uint32Array, k: number): Uint32Array {
  return digests.subarray(k * DIGEST_WORDS, (k + 1) * DIGEST_WORDS);
}

/** Are two digests the same? */
export function sameDigest(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}
