import { describe, expect, test } from "bun:test";
import { hashPair, hashWords } from "../../src/hash/blake3.ts";
import { KnownNodes, newSiblings, sameDigest } from "../../src/hash/knownNodes.ts";
import { zeroRoot } from "../../src/hash/zeroRoot.ts";
import { MerkleTree } from "../../src/hash/merkleTree.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import vectors from "../vectors/merkle.json";
import { randomWords } from "../whir/fixtures.ts";

function rootOf(leaves: Uint32Array[]): Uint32Array {
  if (leaves.length === 1) return leaves[0] as Uint32Array;
  return rootOf(
    Array.from({ length: leaves.length / 2 }, (_, i) =>
      hashPair(leaves[2 * i] as Uint32Array, leaves[2 * i + 1] as Uint32Array),
    ),
  );
}

/** A tree over the columns, in a fresh arena. */
function treeOf(columns: Uint32Array[], logRows: number): MerkleTree {
  const prover = createKernels();
  const ptr = prover.arena.alloc(columns.length * 2 ** logRows);
  columns.forEach((column, c) => prover.arena.u32(ptr + 4 * c * 2 ** logRows, 2 ** logRows).set(column));
  return MerkleTree.build(prover, ptr, columns.length, logRows);
}

const next = randomWords(5);

/** Does the whole path lead from the row to the tree's root? */
function leads(tree: MerkleTree, row: readonly number[], index: number, path: Uint32Array): boolean {
  let at = 0;
  const read = () => {
    at += 8;
    return path.slice(at - 8, at);
  };
  return new KnownNodes(tree.root(), tree.logLeaves).checkLeaf(index, hashWords(row), read);
}

describe("Merkle tree", () => {
  test("paths of several leaves share what is known, and expand to whole paths", () => {
    const logRows = 5;
    const columns = [Uint32Array.from({ length: 2 ** logRows }, next)];
    const tree = treeOf(columns, logRows);
    const known = new KnownNodes(tree.root(), logRows);
    const sent = new Set([1]);
    let siblings = 0;
    for (const index of [3, 3, 2, 19, 0, 31, 19]) {
      const path = tree.path(index);
      const heights = newSiblings(sent, logRows, index);
      siblings += heights.length;
      let at = 0;
      const read = () => path.slice(8 * heights[at], 8 * heights[at++] + 8);
      expect(known.checkLeaf(index, hashWords([columns[0][index]]), read)).toBe(true);
      expect(at).toBe(heights.length);
      expect(sameDigest(known.path(index), path)).toBe(true);
    }
    expect(siblings).toBe(5 + 0 + 0 + 4 + 1 + 3 + 0);
    expect(known.checkLeaf(2, hashWords([1]), () => new Uint32Array(8))).toBe(false);
  });

  for (const [count, logRows] of [
    [1, 0],
    [1, 3],
    [3, 1],
    [16, 4],
    [17, 5],
    [256, 2],
  ] as const) {
    const columns = Array.from({ length: count }, () => Uint32Array.from({ length: 2 ** logRows }, next));
    const row = (i: number) => columns.map((column) => column[i] as number);

    test(`${count} columns, 2^${logRows} rows: root and paths`, () => {
      const tree = treeOf(columns, logRows);
      const leaves = Array.from({ length: 2 ** logRows }, (_, i) => hashWords(row(i)));
      expect([...tree.root()]).toEqual([...rootOf(leaves)]);
      for (let i = 0; i < 2 ** logRows; i++) {
        const path = tree.path(i);
        expect(leads(tree, row(i), i, path)).toBe(true);
        const changed = row(i).map((word, c) => (c === count - 1 ? word ^ 1 : word));
        expect(leads(tree, changed, i, path)).toBe(false);
        if (logRows > 0) expect(leads(tree, row(i), i ^ 1, path)).toBe(false);
      }
    });
  }

  test("of zeros in a few hashes", () => {
    for (const [columns, logRows] of [
      [3, 0],
      [5, 4],
    ] as const)
      expect([...zeroRoot(logRows, columns)]).toEqual([
        ...treeOf(
          Array.from({ length: columns }, () => new Uint32Array(2 ** logRows)),
          logRows,
        ).root(),
      ]);
  });

  test("known answers", () => {
    const columns = vectors.columns.map((column) => Uint32Array.from(column));
    const tree = treeOf(columns, vectors.logRows);
    expect([...tree.root()]).toEqual(vectors.root);
    expect([...tree.path(vectors.index)]).toEqual(vectors.path);
    expect([...zeroRoot(20, 128)]).toEqual(vectors.zeroRoot20x128);
  });
});
