import * as m31 from "./m31.ts";

/**
 * The quintic extension F_p[x]/(x^5 + x − 3), so x^5 = 3 − x; 155 bits. The polynomial is irreducible
 * (test/field/ext.test.ts checks x^(p^5) = x and gcd(x^p − x, x^5 + x − 3) = 1).
 * An element is its five coordinates, lowest first.
 *
 * @example
 * ```ts
 * import { eInv, eMul, ONE } from "./ext.ts";
 * const a = [1, 2, 3, 4, 5] as const;
 * console.log(eMul(a, eInv(a)), ONE); // equal
 * ```
 */
export type Ext = readonly [number, number, number, number, number];

const { P } = m31;

export const DEGREE = 5;
export const ZERO: Ext = [0, 0, 0, 0, 0];
export const ONE: Ext = [1, 0, 0, 0, 0];

/** The embedding of a base element. */
export function eBase(a: number): Ext {
  return [a, 0, 0, 0, 0];
}

export function eAdd(a: Ext, b: Ext): Ext {
  const s0 = a[0] + b[0];
  const s1 = a[1] + b[1];
  const s2 = a[2] + b[2];
  const s3 = a[3] + b[3];
  const s4 = a[4] + b[4];
  return [
    s0 >= P ? s0 - P : s0,
    s1 >= P ? s1 - P : s1,
    s2 >= P ? s2 - P : s2,
    s3 >= P ? s3 - P : s3,
    s4 >= P ? s4 - P : s4,
  ];
}

export function eSub(a: Ext, b: Ext): Ext {
  const d0 = a[0] - b[0];
  const d1 = a[1] - b[1];
  const d2 = a[2] - b[2];
  const d3 = a[3] - b[3];
  const d4 = a[4] - b[4];
  return [
    d0 < 0 ? d0 + P : d0,
    d1 < 0 ? d1 + P : d1,
    d2 < 0 ? d2 + P : d2,
    d3 < 0 ? d3 + P : d3,
    d4 < 0 ? d4 + P : d4,
  ];
}

export function eNeg(a: Ext): Ext {
  return eSub(ZERO, a);
}

/** a·k for a base element k. */
export function eScale(a: Ext, k: number): Ext {
  const high = k >>> 16;
  const low = k & 0xffff;
  return [
    m31.join(a[0] * high, a[0] * low),
    m31.join(a[1] * high, a[1] * low),
    m31.join(a[2] * high, a[2] * low),
    m31.join(a[3] * high, a[3] * low),
    m31.join(a[4] * high, a[4] * low),
  ];
}

/**
 * The product. b is split at 16 bits; with x^5 = 3 − x folded in, a coordinate is a sum of at most 13
 * products (counting the factor 3) for each half, |high| < 13·2^46 and |low| < 13·2^47: exact doubles.
 */
export function eMul(a: Ext, b: Ext): Ext {
  const a0 = a[0];
  const a1 = a[1];
  const a2 = a[2];
  const a3 = a[3];
  const a4 = a[4];
  const b0 = b[0];
  const b1 = b[1];
  const b2 = b[2];
  const b3 = b[3];
  const b4 = b[4];
  if (b1 === 0 && b2 === 0 && b3 === 0 && b4 === 0) return eScale(a, b0);
  const h0 = b0 >>> 16;
  const h1 = b1 >>> 16;
  const h2 = b2 >>> 16;
  const h3 = b3 >>> 16;
  const h4 = b4 >>> 16;
  const l0 = b0 & 0xffff;
  const l1 = b1 & 0xffff;
  const l2 = b2 & 0xffff;
  const l3 = b3 & 0xffff;
  const l4 = b4 & 0xffff;
  // d5 … d8, the coefficients of x^5 … x^8: x^(5+k) = 3·x^k − x^(k+1).
  const high5 = a1 * h4 + a2 * h3 + a3 * h2 + a4 * h1;
  const high6 = a2 * h4 + a3 * h3 + a4 * h2;
  const high7 = a3 * h4 + a4 * h3;
  const high8 = a4 * h4;
  const low5 = a1 * l4 + a2 * l3 + a3 * l2 + a4 * l1;
  const low6 = a2 * l4 + a3 * l3 + a4 * l2;
  const low7 = a3 * l4 + a4 * l3;
  const low8 = a4 * l4;
  return [
    m31.join(a0 * h0 + 3 * high5, a0 * l0 + 3 * low5),
    m31.join(a0 * h1 + a1 * h0 + 3 * high6 - high5, a0 * l1 + a1 * l0 + 3 * low6 - low5),
    m31.join(a0 * h2 + a1 * h1 + a2 * h0 + 3 * high7 - high6, a0 * l2 + a1 * l1 + a2 * l0 + 3 * low7 - low6),
    m31.join(
      a0 * h3 + a1 * h2 + a2 * h1 + a3 * h0 + 3 * high8 - high7,
      a0 * l3 + a1 * l2 + a2 * l1 + a3 * l0 + 3 * low8 - low7,
    ),
    m31.join(
      a0 * h4 + a1 * h3 + a2 * h2 + a3 * h1 + a4 * h0 - high8,
      a0 * l4 + a1 * l3 + a2 * l2 + a3 * l1 + a4 * l0 - low8,
    ),
  ];
}

/** So many products with a factor split at 16 bits are added up before they are reduced: below 16·2^47. */
const UNREDUCED = 16;

/** Σ a_i·b_i over the shorter list's length; cheapest if the b_i are base elements. */
export function eInnerProduct(a: readonly Ext[], b: readonly Ext[]): Ext {
  const count = Math.min(a.length, b.length);
  let sum = ZERO;
  for (let from = 0; from < count; from += UNREDUCED) {
    let h0 = 0;
    let h1 = 0;
    let h2 = 0;
    let h3 = 0;
    let h4 = 0;
    let l0 = 0;
    let l1 = 0;
    let l2 = 0;
    let l3 = 0;
    let l4 = 0;
    for (let i = from; i < Math.min(from + UNREDUCED, count); i++) {
      const x = a[i] as Ext;
      const y = b[i] as Ext;
      if (y[1] !== 0 || y[2] !== 0 || y[3] !== 0 || y[4] !== 0) {
        sum = eAdd(sum, eMul(x, y));
        continue;
      }
      const high = y[0] >>> 16;
      const low = y[0] & 0xffff;
      h0 += x[0] * high;
      h1 += x[1] * high;
      h2 += x[2] * high;
      h3 += x[3] * high;
      h4 += x[4] * high;
      l0 += x[0] * low;
      l1 += x[1] * low;
      l2 += x[2] * low;
      l3 += x[3] * low;
      l4 += x[4] * low;
    }
    sum = eAdd(sum, [
      m31.join(h0, l0),
      m31.join(h1, l1),
      m31.join(h2, l2),
      m31.join(h3, l3),
      m31.join(h4, l4),
    ]);
  }
  return sum;
}

export function ePow(a: Ext, n: number): Ext {
  let result = ONE;
  let base = a;
  for (let e = n; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = eMul(result, base);
    base = eMul(base, base);
  }
  return result;
}

/** 1/a by the norm: a^(1 + p + … + p^4) lies in the base field; throws for 0. */
export function eInv(a: Ext): Ext {
  // conjugates = a^(p + p² + p³ + p⁴) = ((a^p)·(a^p)^p)·(same)^(p²)
  const frobenius = (x: Ext) => ePow(x, m31.P);
  const a1 = frobenius(a);
  const a12 = eMul(a1, frobenius(a1));
  const conjugates = eMul(a12, frobenius(frobenius(a12)));
  const norm = eMul(a, conjugates)[0];
  return eScale(conjugates, m31.inv(norm));
}

export function eEqual(a: Ext, b: Ext): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4];
}

export function eIsZero(a: Ext): boolean {
  return eEqual(a, ZERO);
}
