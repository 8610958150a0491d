import { describe, expect, test } from "bun:test";
import { hashPair, hashWords } from "../../src/hash/blake3.ts";
import { KnownNodes, SentNodes } from "../../src/hash/knownNodes.ts";
import { layerRoot, logLayer, sameDigest } from "../../src/hash/merkleLayer.ts";
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
  return new KnownNodes(tree.layer(0), tree.logLeaves).checkLeaf(index, hashWords(row), read);
}

describe("Merkle tree", () => {
  for (const [log, expected] of [
    [0, 5 + 0 + 0 + 4 + 1 + 3 + 0],
    [1, 4 + 0 + 0 + 4 + 1 + 3 + 0],
    [3, 2 + 0 + 0 + 2 + 1 + 2 + 0],
    [5, 0],
  ] as const)
    test(`paths of several leaves share what is known, and expand to whole paths below layer ${log}`, () => {
      const logRows = 5;
      const columns = [Uint32Array.from({ length: 2 ** logRows }, next)];
      const tree = treeOf(columns, logRows);
      const known = new KnownNodes(tree.layer(log), logRows);
      const sent = new SentNodes(log, logRows);
      let siblings = 0;
      for (const index of [3, 3, 2, 19, 0, 31, 19]) {
        const path = tree.path(index);
        const heights = sent.newSiblings(index);
        siblings += heights.length;
        let at = 0;
        const read = () => path.slice(8 * heights[at], 8 * heights[at++] + 8);
        expect(known.checkLeaf(index, hashWords([columns[0][index]]), read)).toBe(true);
        expect(at).toBe(heights.length);
        expect([...known.path(index)]).toEqual([...path.subarray(0, 8 * (logRows - log))]);
      }
      expect(siblings).toBe(expected);
      expect(known.checkLeaf(2, hashWords([1]), () => new Uint32Array(8))).toBe(false);
    });

  test("every layer leads to the root, a changed one does not", () => {
    const tree = treeOf([Uint32Array.from({ length: 16 }, next)], 4);
    for (let log = 0; log <= 4; log++) {
      const layer = tree.layer(log);
      expect(layer.length).toBe(8 * 2 ** log);
      expect(sameDigest(layerRoot(layer), tree.root())).toBe(true);
      layer[layer.length - 1] ^= 1;
      expect(sameDigest(layerRoot(layer), tree.root())).toBe(false);
    }
  });

  test("a layer has about as many nodes as there are openings", () => {
    expect([1, 2, 3, 59, 64, 118, 1000].map((openings) => logLayer(8, openings))).toEqual([
      0, 1, 2, 6, 6, 7, 8,
    ]);
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
