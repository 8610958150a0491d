/**
 * The Mersenne field F_p, p = 2^31 − 1 (Circle STARKs, eprint 2024/278, §2). Elements are canonical
 * JavaScript numbers 0 ≤ a < p.
 *
 * @example
 * ```ts
 * import { mul, inv } from "./m31.ts";
 * console.log(mul(inv(7), 7)); // 1
 * ```
 */

/** The modulus 2^31 − 1. */
export const P = 0x7fffffff;

export function add(a: number, b: number): number {
  const s = a + b;
  return s >= P ? s - P : s;
}

export function sub(a: number, b: number): number {
  return a >= b ? a - b : a - b + P;
}

export function neg(a: number): number {
  return a === 0 ? 0 : P - a;
}

/** a·b mod p, exact: b is split at 16 bits so that every intermediate stays below 2^53. */
export function mul(a: number, b: number): number {
  return join(a * (b >>> 16), a * (b & 0xffff));
}

/**
 * high·2^16 + low mod p, for integers |high|, |low| < 2^52: sums of products with a factor split at 16 bits.
 * By 2^31 ≡ 1, and without `%`, which is slow for doubles. One function, as calls are what an engine pays for that
 * has not compiled it yet: a verifier in a new process.
 */
export function join(high: number, low: number): number {
  const carry = Math.floor(high / 2147483648);
  const n = (high - carry * 2147483648 + carry) * 65536 + low; // the first factor in (−2^21, 2^31 + 2^21)
  const quotient = Math.floor(n / 2147483648);
  const residue = n - quotient * 2147483648 + quotient; // in (−2^22, 2^31 + 2^22)
  if (residue < 0) return residue + P;
  return residue >= P ? residue - P : residue;
}

/** a^n for an integer n ≥ 0. */
export function pow(a: number, n: number): number {
  let result = 1;
  let base = a;
  for (let e = n; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = mul(result, base);
    base = mul(base, base);
  }
  return result;
}

/** 1/a; throws for 0. */
export function inv(a: number): number {
  if (a === 0) throw new RangeError("M31 inverse: expected a nonzero element, got 0");
  return pow(a, P - 2);
}

/** The residue of any safe integer. */
export function fromInteger(n: number): number {
  if (n > -P && n < P) return n < 0 ? n + P : n + 0; // no −0
  const r = n % P;
  return r < 0 ? r + P : r === 0 ? 0 : r;
}

/** The representative of a in (−p/2, p/2). */
export function toSigned(a: number): number {
  return a > P >>> 1 ? a - P : a;
}
