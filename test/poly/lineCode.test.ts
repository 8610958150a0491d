import { describe, expect, test } from "bun:test";
import { eBase } from "../../src/field/ext.ts";
import { extArithmetic as f } from "../../src/hash/extArithmetic.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { eqTable } from "../../src/poly/eq.ts";
import { lineDomainPoint, lineDomainTwiddles } from "../../src/poly/lineDomain.ts";
import { lineTable } from "../../src/poly/lineWeight.ts";
import vectors from "../vectors/lineCode.json";
import { randomPoint, randomWords } from "../whir/fixtures.ts";

const { kernels, arena } = createKernels();

function encode(table: ArrayLike<number>, columns: number, logRate: number): number[] {
  const logSize = Math.log2(table.length / columns);
  const twiddles = arena.alloc(2 ** (logSize + logRate));
  arena.u32(twiddles, 2 ** (logSize + logRate)).set(lineDomainTwiddles(logSize + logRate));
  const src = arena.alloc(table.length);
  arena.u32(src, table.length).set(table);
  const words = table.length * 2 ** logRate;
  const dst = arena.alloc(words);
  kernels.encode(dst, src, columns, logSize, logRate, twiddles);
  return [...arena.u32(dst, words)];
}

const next = randomWords(17);
const randomTable = (n: number) => Array.from({ length: n }, next);

describe("the line code", () => {
  test("is the polynomial of its table: Σ_b v_b Π π^i(x)^(b_i)", () => {
    const table = randomTable(32);
    encode(table, 1, 2).forEach((word, i) => {
      const weights = lineTable(f, eBase(lineDomainPoint(i, 7)), 5);
      expect(f.innerProduct(weights, table.map(eBase))).toEqual(eBase(word));
    });
  });

  test("folds columns: a combination of codewords encodes the combination of tables", () => {
    const table = randomTable(4 * 16);
    const eq = eqTable(f, randomPoint(next, 2));
    const column = (words: readonly number[], c: number, i: number) =>
      eBase(words[c * (words.length / 4) + i] as number);
    const folded = Array.from({ length: 16 }, (_, i) =>
      f.innerProduct(
        eq,
        [0, 1, 2, 3].map((c) => column(table, c, i)),
      ),
    );
    const codeword = encode(table, 4, 1);
    for (let i = 0; i < 32; i++) {
      const row = [0, 1, 2, 3].map((c) => column(codeword, c, i));
      const weights = lineTable(f, eBase(lineDomainPoint(i, 5)), 4);
      expect(f.innerProduct(folded, weights)).toEqual(f.innerProduct(eq, row));
    }
  });

  test("known answers", () => {
    expect(Array.from({ length: 8 }, (_, i) => lineDomainPoint(i, 3))).toEqual(vectors.domain3);
    expect(lineDomainPoint(vectors.index20, 20)).toBe(vectors.point20);
    expect(encode(vectors.table, 1, vectors.logRate)).toEqual(vectors.codeword);
  });
});
