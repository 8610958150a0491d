import { describe, expect, test } from "bun:test";
import { readRows } from "../../src/whir/code.ts";
import { type Committed, commitOracle, nameOracle, type WhirProver } from "../../src/whir/commit.ts";
import {
  commitmentPieces,
  type FileBytes,
  readCommitment,
  readCommitmentHeader,
} from "../../src/whir/commitmentFile.ts";
import type { OracleShape, WhirShape } from "../../src/whir/shape.ts";
import { instance, newProver, oracle, prove, randomPoint, randomWords, verify } from "./fixtures.ts";
import { several } from "./shapes.ts";

const FIXED = 2;
const next = randomWords(11);
const made = instance(several, [
  { oracle: 2, offset: 0, point: randomPoint(next, 7) },
  { oracle: 2, offset: 64, point: randomPoint(next, 4) },
  { oracle: 1, offset: 0, point: randomPoint(next, 8) },
]);
const [, , table] = made.tables as [Uint32Array, Uint32Array, Uint32Array];
const own = several.oracles[FIXED] as OracleShape;
const LEAVES = 4 * 19;
const LOG_ROWS = own.logSize - own.logFold + own.logInvRate;
const CODE = LEAVES + 32 * 2 ** LOG_ROWS;

const place = ({ arena }: WhirProver, words: Uint32Array) => {
  const ptr = arena.alloc(words.length);
  arena.u32(ptr, words.length).set(words);
  return ptr;
};

const commit = (words = table, prover = newProver(several)) =>
  nameOracle(several, FIXED, commitOracle(prover, place(prover, words), own));

function fileOf(sent = commit()): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(Array.from(commitmentPieces(own, sent), (piece) => piece.slice())));
}

function memoryFile(bytes: Uint8Array): FileBytes {
  return {
    name: "kept",
    size: bytes.length,
    read(offset, length) {
      if (offset + length > bytes.length) throw new Error(`expected ${length} bytes at ${offset}`);
      return new Uint8Array(bytes.slice(offset, offset + length));
    },
  };
}

const open = (bytes: Uint8Array, words = table, shape: WhirShape = several, prover = newProver(shape)) =>
  readCommitment(prover, place(prover, words), shape, FIXED, memoryFile(bytes));

const wordAt = (bytes: Uint8Array, at: number, change: (word: number) => number) => {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(at, change(view.getUint32(at, true)), true);
  return copy;
};
const flip = (bytes: Uint8Array, at: number) => wordAt(bytes, at, (word) => word ^ 1);

/** A proof with what is committed in place of the fixed oracle. */
function proveWith(fixed: (committed: Committed, prover: WhirProver) => Committed) {
  const prover = newProver(several);
  let number = 0;
  return prove(made, prover, (committed) => (number++ === FIXED ? fixed(committed, prover) : committed));
}

describe("a commitment's file", () => {
  const bytes = fileOf();

  test("gives back what was committed", () => {
    const [fresh, kept] = [commit(), open(bytes)];
    expect(kept.committed.root).toEqual(fresh.committed.root);
    expect(kept.outOfDomain).toEqual(fresh.outOfDomain);
    expect(kept.outOfDomainColumns).toEqual(fresh.outOfDomainColumns);
    const all = Array.from({ length: 2 ** LOG_ROWS }, (_, k) => k);
    expect(readRows(kept.committed.code, all)).toEqual(readRows(fresh.committed.code, all));
    expect(kept.committed.tree.path(5)).toEqual(fresh.committed.tree.path(5));
    expect(bytes.length).toBe(CODE + 4 * own.columns * 2 ** LOG_ROWS);
    const { root, shape } = readCommitmentHeader(memoryFile(bytes));
    expect(root).toEqual(fresh.committed.root);
    expect(shape).toEqual([7, 2, 3, 1]);
  });

  test("makes the same proof", () => {
    const honest = proveWith((committed) => committed);
    const kept = proveWith(
      (committed, prover) =>
        readCommitment(prover, committed.values, several, FIXED, memoryFile(bytes)).committed,
    );
    expect(kept).toEqual(honest);
    expect(verify(several, made.claims, kept)).toEqual({ ok: true });
  });

  test("is written in pieces, of which the last one is shorter", () => {
    const large = oracle(18, { columns: 5, logInvRate: 3, outOfDomain: "root" });
    const shape = { ...several, oracles: several.oracles.with(FIXED, large) };
    const prover = newProver(shape);
    const words = Uint32Array.from({ length: 5 * 2 ** 15 }, next);
    const sent = nameOracle(shape, FIXED, commitOracle(prover, place(prover, words), large));
    const pieces = Array.from(commitmentPieces(large, sent), (piece) => piece.slice());
    expect(pieces.length).toBe(4);
    const kept = open(new Uint8Array(Buffer.concat(pieces)), words, shape);
    const indices = [0, 1, 2 ** 18 - 1, 209_715, 209_714];
    expect(readRows(kept.committed.code, indices)).toEqual(readRows(sent.committed.code, indices));
  });

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "expected 76 bytes of header, found 0 bytes"],
    ["another magic", flip(bytes, 0), "expected the magic number of a commitment, found"],
    ["another version", flip(bytes, 4), "expected version 1, found 0"],
    ["another size of the table", flip(bytes, 8), "logInvRate 7, 2, 3, 1, found 6, 2, 3, 1"],
    ["other columns", flip(bytes, 16), "logInvRate 7, 2, 3, 1, found 7, 2, 2, 1"],
    ["another rate", flip(bytes, 20), "logInvRate 7, 2, 3, 1, found 7, 2, 3, 0"],
    ["another root", flip(bytes, 24), "expected leaves that lead to the root, found others"],
    ["another value", flip(bytes, 56), "expected a commitment to this model's weights and tables"],
    ["another first leaf", flip(bytes, LEAVES), "expected leaves that lead to the root, found others"],
    ["another last leaf", flip(bytes, CODE - 4), "expected leaves that lead to the root, found others"],
    ["a missing end", bytes.slice(0, -1), `expected ${bytes.length} bytes, found ${bytes.length - 1}`],
    ["more at its end", new Uint8Array([...bytes, 0]), `expected ${bytes.length} bytes, found`],
  ])("with %s is refused when it is read", (_, damaged, message) => {
    expect(() => open(damaged)).toThrow(message);
  });

  test("of another table is refused", () => {
    const other = table.slice();
    other[17] = ((other[17] as number) + 1) % 2 ** 30;
    expect(() => open(bytes, other)).toThrow(
      "expected a commitment to this model's weights and tables, found",
    );
    expect(() => open(fileOf(commit(other)))).toThrow("found one to others; commit to the model again");
  });

  test("with a damaged row is refused when that row is opened, and no other", () => {
    const rows = 2 ** LOG_ROWS;
    for (const at of [0, 1, rows - 1]) {
      const { code } = open(flip(bytes, CODE + 4 * own.columns * at + 4)).committed;
      for (let row = 0; row < rows; row++) {
        const read = () => readRows(code, [row]);
        if (row === at) expect(read).toThrow(`expected row ${at} to have the digest of its leaf`);
        else expect(read).not.toThrow();
      }
    }
  });

  test("that was made to fit, with another code, makes proofs that are rejected", () => {
    const other = table.map((word) => (word + 1) % 2 ** 30);
    const forged = fileOf(commit(other));
    // the value that the table at hand has at the point of the other one's root
    const value = proveWith((committed) => ({ ...committed, root: commit(other).committed.root })).names[1]
      ?.value;
    new Uint32Array(forged.buffer, 56, 5).set(value as readonly number[]);
    const proven = proveWith(
      (committed, prover) =>
        readCommitment(prover, committed.values, several, FIXED, memoryFile(forged)).committed,
    );
    expect(verify(several, made.claims, proven).ok).toBe(false);
  });
});
