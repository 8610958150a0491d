import { describe, expect, test } from "bun:test";
import { add, fromInteger, inv, mul, neg, P, pow, sub, toSigned } from "../../src/field/m31.ts";

const EDGES = [0, 1, 2, 3, 0x7fff, 0x8000, 0xffff, 0x10000, 0x10001, P >>> 1, (P >>> 1) + 1, P - 2, P - 1];

describe("M31", () => {
  test("agrees with integers at the edges", () => {
    const p = BigInt(P);
    for (const a of EDGES)
      for (const b of EDGES) {
        expect(BigInt(add(a, b))).toBe((BigInt(a) + BigInt(b)) % p);
        expect(BigInt(sub(a, b))).toBe((BigInt(a) - BigInt(b) + p) % p);
        expect(BigInt(mul(a, b))).toBe((BigInt(a) * BigInt(b)) % p);
      }
  });

  test("has inverses", () => {
    for (const a of EDGES.slice(1)) expect(mul(a, inv(a))).toBe(1);
    expect(() => inv(0)).toThrow("nonzero");
  });

  test("negates, reduces and signs", () => {
    for (const a of EDGES) {
      expect(add(a, neg(a))).toBe(0);
      expect(fromInteger(toSigned(a))).toBe(a);
      expect(Math.abs(toSigned(a))).toBeLessThanOrEqual(P >>> 1);
    }
    expect([fromInteger(-1), fromInteger(P), fromInteger(-P), fromInteger(2 ** 53 - 1)]).toEqual([
      P - 1,
      0,
      0,
      Number((2n ** 53n - 1n) % BigInt(P)),
    ]);
    expect(Object.is(fromInteger(-P), 0)).toBe(true);
  });

  test("powers", () => {
    expect([pow(0, 0), pow(3, 0), pow(3, 5), pow(7, P - 1)]).toEqual([1, 1, 243, 1]);
  });
});
