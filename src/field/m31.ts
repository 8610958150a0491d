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
  const high = a * (b >>> 16); // < 2^46
  // 2^16·high mod p: high = u·2^15 + v gives u·2^31 + v·2^16 ≡ u + v·2^16.
  const u = Math.floor(high / 32768);
  return (u + (high - u * 32768) * 65536 + a * (b & 0xffff)) % P;
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
  const r = n % P;
  return r < 0 ? r + P : r === 0 ? 0 : r;
}

/** The representative of a in (−p/2, p/2). */
export function toSigned(a: number): number {
  return a > P >>> 1 ? a - P : a;
}
