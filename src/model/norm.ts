import { clamp, requant } from "./arithmetic.ts";
import { meanShiftFor, NORM_SHIFT } from "./config.ts";

/** RMSNorm of h, one position. */
export interface Norm {
  /** Σh², up to 2^(30+e) */
  readonly sum: number;
  /** f: the least for which μ = floor(floor(Σh²/2^e) / 4^f) < 2^16 */
  readonly f: number;
  readonly mu: number;
  /** R[μ]·2^(7−f) */
  readonly inv: number;
}

/** What scales h (dim, or padded with zeros) in [−2^15, 2^15); e = meanShiftFor(dim). */
export function normOf(h: Int32Array, meanShift: number, rsqrt: Uint32Array): Norm {
  let sum = 0;
  for (const value of h) sum += value * value;
  let mu = Math.floor(sum / 2 ** meanShift);
  let f = 0;
  while (mu >= 2 ** 16) {
    mu = Math.floor(mu / 4);
    f++;
  }
  // only 2^e entries of −32768 at once get here
  if (f > 7) throw new RangeError(`norm: expected Σh² < 2^${30 + meanShift}, found ${sum}`);
  return { sum, f, mu, inv: rsqrt[mu]! * 2 ** (7 - f) };
}

/** out (dim) in [−A, A] = the normalized h (dim) in [−2^15, 2^15) */
export function rmsNorm(h: Int32Array, rsqrt: Uint32Array, out: Int32Array): void {
  const { inv } = normOf(h, meanShiftFor(h.length), rsqrt);
  for (let i = 0; i < h.length; i++) out[i] = clamp(requant(h[i]! * inv, NORM_SHIFT));
}
