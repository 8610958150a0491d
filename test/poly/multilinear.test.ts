import { describe, expect, test } from "bun:test";
import { eBase, type Ext } from "../../src/field/ext.ts";
import { extArithmetic as f } from "../../src/hash/extArithmetic.ts";
import { eq, eqIndex, eqTable } from "../../src/poly/eq.ts";
import { evaluate } from "../../src/poly/evaluate.ts";
import { lineTable, lineWeight } from "../../src/poly/lineWeight.ts";
import { nextClaim } from "../../src/sumcheck/round.ts";
import { randomExt, randomPoint, randomWords } from "../whir/fixtures.ts";

const next = randomWords(13);
const bits = (index: number, k: number) =>
  Array.from({ length: k }, (_, i) => eBase((index >>> (k - 1 - i)) & 1));

describe("multilinear points", () => {
  const point = randomPoint(next, 4);

  test("are ordered most significant variable first", () => {
    const table = Array.from({ length: 16 }, () => randomExt(next));
    for (let i = 0; i < 16; i++) {
      expect(evaluate(f, table, bits(i, 4))).toEqual(table[i] as Ext);
      expect(eqTable(f, point)[i]).toEqual(eq(f, point, bits(i, 4)));
      expect(eqIndex(f, point, i)).toEqual(eq(f, point, bits(i, 4)));
    }
    expect(f.innerProduct(eqTable(f, point), table)).toEqual(evaluate(f, table, point));
  });

  test("an aligned block is the top variables' bits", () => {
    const table = Array.from({ length: 16 }, (_, i) => (i >> 2 === 2 ? randomExt(next) : f.constant(0)));
    const block = evaluate(f, table.slice(8, 12), point.slice(2));
    expect(f.mul(eqIndex(f, point.slice(0, 2), 2), block)).toEqual(evaluate(f, table, point));
  });
});

describe("line weights", () => {
  test("are the multilinear extension of their table", () => {
    const [x, point] = [eBase(next()), randomPoint(next, 5)];
    expect(lineWeight(f, x, point)).toEqual(evaluate(f, lineTable(f, x, 5), point));
    expect(lineTable(f, x, 5)[1]).toEqual(x);
    expect(lineTable(f, x, 0)).toEqual([f.constant(1)]);
  });
});

describe("a sumcheck round", () => {
  const [a, b, e, r, tau] = randomPoint(next, 5) as [Ext, Ext, Ext, Ext, Ext];
  const h = (x: Ext) => f.add(a, f.mul(x, f.add(b, f.mul(x, e))));
  const difference = f.add(b, e);

  test("derives h(0) from a plain claim", () => {
    const claim = f.add(h(f.constant(0)), h(f.constant(1)));
    expect(nextClaim(f, claim, { difference, square: e }, r)).toEqual(h(r));
  });

  test("derives h(0) from an eq-weighted claim", () => {
    const claim = f.add(f.mul(f.sub(f.constant(1), tau), a), f.mul(tau, h(f.constant(1))));
    expect(nextClaim(f, claim, { difference, square: e }, r, tau)).toEqual(h(r));
  });
});
