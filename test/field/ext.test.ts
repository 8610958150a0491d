import { describe, expect, test } from "bun:test";
import {
  type Ext,
  eAdd,
  eBase,
  eEqual,
  eInnerProduct,
  eInv,
  eIsZero,
  eMul,
  eNeg,
  ePow,
  eScale,
  eSub,
  ONE,
  ZERO,
} from "../../src/field/ext.ts";
import vectors from "../vectors/field.json";
import { inv, mul, P, sub } from "../../src/field/m31.ts";
import { randomExt, randomWords } from "../whir/fixtures.ts";

const next = randomWords(11);
const EDGES: Ext[] = [
  ZERO,
  ONE,
  [P - 1, P - 1, P - 1, P - 1, P - 1],
  [0, 0, 0, 0, P - 1],
  [P - 1, 0, 0, 0, 0],
  [0xffff, 0x10000, 0x7fff0000, 1, 0x7fffffff - 0x10000],
];
const samples = [...EDGES, ...Array.from({ length: 20 }, () => randomExt(next))];

/** The product by definition, in integers. */
function slowMul(a: Ext, b: Ext): Ext {
  const d = new Array<bigint>(9).fill(0n);
  a.forEach((x, i) => b.forEach((y, j) => (d[i + j] = (d[i + j] as bigint) + BigInt(x) * BigInt(y))));
  for (let k = 8; k >= 5; k--) {
    d[k - 5] = (d[k - 5] as bigint) + 3n * (d[k] as bigint);
    d[k - 4] = (d[k - 4] as bigint) - (d[k] as bigint);
  }
  const p = BigInt(P);
  return d.slice(0, 5).map((c) => Number(((c % p) + p) % p)) as unknown as Ext;
}

describe("the quintic extension", () => {
  test("multiplies as defined", () => {
    for (const a of samples) for (const b of samples) expect(eMul(a, b)).toEqual(slowMul(a, b));
    for (const a of samples)
      for (const k of [0, 1, 0x10000, P - 1]) expect(eScale(a, k)).toEqual(slowMul(a, eBase(k)));
  });

  test("adds up products as they are defined", () => {
    const large = eBase(P - 1);
    const largest: Ext = [P - 1, P - 1, P - 1, P - 1, P - 1];
    const bases = Array.from({ length: 100 }, (_, k) => (k % 3 === 0 ? large : eBase(next())));
    const mixed = bases.map((value, k) => (k % 5 === 0 ? randomExt(next) : value));
    for (const b of [bases, mixed, bases.map(() => large)])
      for (const a of [b.map(() => randomExt(next)), b.map(() => largest)])
        for (const count of [0, 1, 15, 16, 17, 33, 100]) {
          const sum = a.slice(0, count).reduce((total, x, k) => eAdd(total, slowMul(x, b[k])), ZERO);
          expect(eInnerProduct(a.slice(0, count), b)).toEqual(sum);
          expect(eInnerProduct(b.slice(0, count), a)).toEqual(sum);
        }
  });

  test("is a commutative ring", () => {
    for (let i = 0; i < 50; i++) {
      const [a, b, c] = [randomExt(next), randomExt(next), randomExt(next)];
      expect(eMul(a, eMul(b, c))).toEqual(eMul(eMul(a, b), c));
      expect(eMul(a, b)).toEqual(eMul(b, a));
      expect(eMul(a, eAdd(b, c))).toEqual(eAdd(eMul(a, b), eMul(a, c)));
      expect(eAdd(eSub(a, b), b)).toEqual(a);
      expect(eIsZero(eAdd(a, eNeg(a)))).toBe(true);
    }
  });

  test("has inverses", () => {
    for (const a of samples) if (!eIsZero(a)) expect(eMul(a, eInv(a))).toEqual(ONE);
    expect(() => eInv(ZERO)).toThrow();
    expect(eEqual(ONE, eBase(1))).toBe(true);
  });

  // Rabin's test for a prime degree: x^(p^5) = x, and x^p − x has no factor in common with the modulus.
  test("is a field: x^5 + x − 3 is irreducible", () => {
    const x: Ext = [0, 1, 0, 0, 0];
    let power = x;
    for (let i = 0; i < 5; i++) power = ePow(power, P);
    expect(power).toEqual(x);
    const modulus = [P - 3, 1, 0, 0, 0, 1];
    expect(gcd(modulus, [...eSub(ePow(x, P), x)]).length).toBe(1);
  });
});

/** A greatest common divisor of two polynomials over M31, lowest coefficient first, without leading zeros. */
function gcd(a: number[], b: number[]): number[] {
  const trim = (v: number[]) => {
    while (v.length > 0 && v[v.length - 1] === 0) v.pop();
    return v;
  };
  let [u, v] = [trim([...a]), trim([...b])];
  while (v.length > 0) {
    const lead = inv(v[v.length - 1] as number);
    while (u.length >= v.length) {
      const factor = mul(u[u.length - 1] as number, lead);
      const shift = u.length - v.length;
      v.forEach((c, i) => (u[shift + i] = sub(u[shift + i] as number, mul(factor, c))));
      trim(u);
    }
    [u, v] = [v, u];
  }
  return u;
}

test("known answers, from another implementation", () => {
  for (const { a, b, product } of vectors.products)
    expect([...eMul(a as unknown as Ext, b as unknown as Ext)]).toEqual(product);
  for (const { a, inverse } of vectors.inverses) expect([...eInv(a as unknown as Ext)]).toEqual(inverse);
});
