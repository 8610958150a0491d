import type { Prover } from "./proverChannel.ts";
import { DIGEST_WORDS } from "./blake3.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";

/**
 * The prover's Merkle tree over the rows of a table of columns; leaf i hashes word i of every column
 * in order. It lives in the arena: all levels one after the other, the leaves first, the root last.
 *
 * @example
 * ```ts
 * const tree = MerkleTree.build(prover, codeword, columns, logRows);
 * channel.sendRoot(tree.root());
 * channel.sendOpenings(tree, indices, rowsOfIndices);
 * ```
 */
export class MerkleTree {
  readonly #arena: Arena;
  readonly #nodes: Ptr;

  private constructor(
    arena: Arena,
    nodes: Ptr,
    readonly logLeaves: number,
  ) {
    this.#arena = arena;
    this.#nodes = nodes;
  }

  /** `columns` ≤ 256 contiguous columns of 2^logRows words at `codeword`; takes 2^(logRows+1) digests of the arena. */
  static build(prover: Prover, codeword: Ptr, columns: number, logRows: number): MerkleTree {
    return MerkleTree.over(prover, logRows, (leaves) =>
      prover.kernels.hashLeaves(leaves, codeword, columns, logRows),
    );
  }

  /** The tree over 2^logLeaves digests, which `place` writes. */
  static over({ kernels, arena }: Prover, logLeaves: number, place: (leaves: Ptr) => void): MerkleTree {
    const nodes = arena.alloc(2 ** (logLeaves + 1) * DIGEST_WORDS);
    place(nodes);
    let level = nodes;
    for (let log = logLeaves; log > 0; log--) {
      const parents = level + levelBytes(log);
      kernels.hashNodes(parents, level, 2 ** (log - 1));
      level = parents;
    }
    return new MerkleTree(arena, nodes, logLeaves);
  }

  /** 8 words, copied. */
  root(): Uint32Array {
    return this.layer(0);
  }

  /** The 2^log nodes at this distance from the root, 8 words each, copied. */
  layer(log: number): Uint32Array {
    const from = this.#nodes + 4 * this.#place(this.logLeaves - log, 0);
    return this.#arena.u32(from, 2 ** log * DIGEST_WORDS).slice();
  }

  /** 8 words, copied. */
  leaf(index: number): Uint32Array {
    return this.#arena.u32(this.#nodes + 4 * this.#place(0, index), DIGEST_WORDS).slice();
  }

  /** The siblings from leaf `index` up, 8 words each. */
  path(index: number): Uint32Array {
    const nodes = this.#arena.u32(this.#nodes, 2 ** (this.logLeaves + 1) * DIGEST_WORDS);
    const path = new Uint32Array(this.logLeaves * DIGEST_WORDS);
    for (let height = 0; height < this.logLeaves; height++) {
      const from = this.#place(height, (index >>> height) ^ 1);
      for (let i = 0; i < DIGEST_WORDS; i++) path[height * DIGEST_WORDS + i] = nodes[from + i] as number;
    }
    return path;
  }

  /** Where a node begins, in words. */
  #place(height: number, index: number): number {
    // All levels below `height`: 2^(logLeaves+1) − 2^(logLeaves−height+1) digests.
    const before = 2 ** (this.logLeaves + 1) - 2 ** (this.logLeaves - height + 1);
    return (before + index) * DIGEST_WORDS;
  }
}

function levelBytes(log: number): number {
  return 2 ** log * DIGEST_WORDS * 4;
}
