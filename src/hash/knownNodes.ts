import { DIGEST_WORDS, hashPair } from "./blake3.ts";
import { digestAt, sameDigest } from "./merkleLayer.ts";

/**
 * The nodes of one Merkle tree that the verifier knows: those of a layer that leads to the root, to begin with,
 * and all below them that openings showed. A path ends at the first known node, and a sibling that is known is
 * not sent again: a node becomes known only when hashes lead from it to a known one, so each is as good as the
 * root.
 *
 * Nodes are numbered as in a heap: the root is 1, the children of n are 2n and 2n + 1, leaf i of 2^k is
 * 2^k + i.
 */
export class KnownNodes {
  readonly #digests = new Map<number, Uint32Array>();
  readonly #pathLength: number;

  /** @param layer 2^logLayer digests, which the caller has hashed to the root */
  constructor(
    layer: Uint32Array,
    readonly logLeaves: number,
  ) {
    const nodes = layer.length / DIGEST_WORDS;
    for (let k = 0; k < nodes; k++) this.#digests.set(nodes + k, digestAt(layer, k));
    this.#pathLength = logLeaves - Math.log2(nodes);
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

  /** All siblings from a checked leaf up to the layer, as one path. */
  path(index: number): Uint32Array {
    const path = new Uint32Array(this.#pathLength * DIGEST_WORDS);
    let node = 2 ** this.logLeaves + index;
    for (let height = 0; height < this.#pathLength; height++, node = Math.floor(node / 2))
      path.set(this.#digests.get(siblingOf(node)) as Uint32Array, height * DIGEST_WORDS);
    return path;
  }
}

/** The prover's side of `KnownNodes`: their numbers alone. */
export class SentNodes {
  readonly #known = new Set<number>();

  constructor(
    logLayer: number,
    readonly logLeaves: number,
  ) {
    for (let k = 0; k < 2 ** logLayer; k++) this.#known.add(2 ** logLayer + k);
  }

  /** The heights at which an opening of leaf `index` must send a sibling. Mirror: `checkLeaf`. */
  newSiblings(index: number): number[] {
    const known = this.#known;
    const heights: number[] = [];
    let node = 2 ** this.logLeaves + index;
    for (let height = 0; !known.has(node); height++, node = Math.floor(node / 2)) {
      if (!known.has(siblingOf(node))) heights.push(height);
      known.add(node).add(siblingOf(node));
    }
    return heights;
  }
}

function siblingOf(node: number): number {
  return node % 2 === 0 ? node + 1 : node - 1;
}
