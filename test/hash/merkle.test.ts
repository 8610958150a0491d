import { describe, expect, test } from "bun:test";
import { hashPair, hashWords } from "../../src/hash/blake3.ts";
import { merkleRoot, sameDigest, zeroRoot } from "../../src/hash/merklePath.ts";
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

describe("Merkle tree", () => {
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
        expect(sameDigest(merkleRoot(row(i), i, path), tree.root())).toBe(true);
        const changed = row(i).map((word, c) => (c === count - 1 ? word ^ 1 : word));
        expect(sameDigest(merkleRoot(changed, i, path), tree.root())).toBe(false);
        if (logRows > 0) expect(sameDigest(merkleRoot(row(i), i ^ 1, path), tree.root())).toBe(false);
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
