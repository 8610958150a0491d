import { DIGEST_WORDS, hashPair } from "./blake3.ts";

/**
 * The nodes of one Merkle tree that the verifier knows from the openings so far, the root to begin with.
 * A path ends at the first known node, and a sibling that is known is not sent again: a node becomes known
 * only when hashes lead from it to a known one, so each is as good as the root.
 *
 * Nodes are numbered as in a heap: the root is 1, the children of n are 2n and 2n + 1, leaf i of 2^k is
 * 2^k + i.
 */
export class KnownNodes {
  readonly #digests: Map<number, Uint32Array>;

  constructor(
    root: Uint32Array,
    readonly logLeaves: number,
  ) {
    this.#digests = new Map([[1, root]]);
  }

  /** Does this digest belong to leaf `index`? `read` gives the siblings that are not known, leaf first. */
  checkLeaf(index: number, digest: Uint32Array, read: () => Uint32Array): boolean {
    let node = 2 ** this.logLeaves + index;
    let found = digest;
    for (;;) {
      const known = this.#digests.get(node);
      if (known) return sameDigest(found, known);
      let sibling = this.#digests.get(siblingOf(node));
      if (!sibling) {
        sibling = read();
        this.#digests.set(siblingOf(node), sibling);
      }
      this.#digests.set(node, found);
      found = node % 2 === 0 ? hashPair(found, sibling) : hashPair(sibling, found);
      node = Math.floor(node / 2);
    }
  }

  /** All siblings from a checked leaf up, as one path. */
  path(index: number): Uint32Array {
    const path = new Uint32Array(this.logLeaves * DIGEST_WORDS);
    let node = 2 ** this.logLeaves + index;
    for (let height = 0; height < this.logLeaves; height++, node = Math.floor(node / 2))
      path.set(this.#digests.get(siblingOf(node)) as Uint32Array, height * DIGEST_WORDS);
    return path;
  }
}

/** The heights at which an opening of leaf `index` must send a sibling; adds what becomes known to `known`. Mirror: `checkLeaf`. */
export function newSiblings(known: Set<number>, logLeaves: number, index: number): number[] {
  const heights: number[] = [];
  let node = 2 ** logLeaves + index;
  for (let height = 0; node > 1 && !known.has(node); height++, node = Math.floor(node / 2)) {
    if (!known.has(siblingOf(node))) heights.push(height);
    known.add(node).add(siblingOf(node));
  }
  return heights;
}

/** Are two digests the same? */
export function sameDigest(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

function siblingOf(node: number): number {
  return node % 2 === 0 ? node + 1 : node - 1;
}
