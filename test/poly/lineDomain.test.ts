import { describe, expect, test } from "bun:test";
import { add, mul, neg, pow, sub } from "../../src/field/m31.ts";
import { lineDomainPoint, lineDomainTwiddles } from "../../src/poly/lineDomain.ts";

const double = (x: number) => sub(mul(2, mul(x, x)), 1);
const domain = (log: number) => Array.from({ length: 2 ** log }, (_, i) => lineDomainPoint(i, log));

describe("line domain", () => {
  test("the generator lies on the circle", () => {
    expect(add(mul(2, 2), pow(1268011823, 2))).toBe(1);
  });

  test("D_0 = {0}, and 0 is in no other domain", () => {
    expect(domain(0)).toEqual([0]);
    for (let log = 1; log <= 10; log++) expect(domain(log)).not.toContain(0);
  });

  test("points are distinct, ±x are neighbours, π halves the index", () => {
    for (const log of [1, 2, 3, 7, 10]) {
      const points = domain(log);
      expect(new Set(points).size).toBe(2 ** log);
      points.forEach((x, i) => {
        expect(points[i ^ 1]).toBe(neg(x));
        expect(lineDomainPoint(i >> 1, log - 1)).toBe(double(x));
      });
    }
  });

  test("the largest domain", () => {
    const last = 2 ** 29 - 1;
    expect(lineDomainPoint(last, 29)).toBe(neg(lineDomainPoint(last - 1, 29)));
    expect(double(lineDomainPoint(last, 29))).toBe(lineDomainPoint(last >> 1, 28));
  });

  test("twiddles are the even points of every domain, heap-ordered", () => {
    const table = lineDomainTwiddles(9);
    expect(table.length).toBe(512);
    for (let log = 1; log <= 9; log++)
      for (let u = 0; u < 2 ** (log - 1); u++)
        expect(table[2 ** (log - 1) + u]).toBe(lineDomainPoint(2 * u, log));
    for (const log of [1, 2, 3, 5]) expect(table.subarray(0, 2 ** log)).toEqual(lineDomainTwiddles(log));
    expect(lineDomainTwiddles(0).length).toBe(1);
  });
});
