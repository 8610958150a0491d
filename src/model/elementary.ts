/**
 * exp, sin, cos from + − × ÷ and floor only. Math.exp and its kin may differ in the last bit between
 * JavaScript engines; the tables made from these functions are part of the model's identity, so they
 * must not.
 */

const LN2_HIGH = 6243314768165359 / 2 ** 53; // ln 2 to 53 bits
const LN2_LOW = 2.3190468138462996e-17; // the rest
const HALF_PI_HIGH = 884279719003555 / 2 ** 49; // π/2 to 50 bits
const HALF_PI_LOW = 6.123233995736766e-17; // the rest

/** e^x for −700 ≤ x ≤ 700, relative error below 2^−40; 0 below that range. */
export function exp(x: number): number {
  if (!(x <= 700)) throw new RangeError(`exp: expected x ≤ 700, found ${x}`);
  if (x < -700) return 0;
  const k = Math.floor(x / LN2_HIGH + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| ≤ ln2/2
  let sum = 1;
  for (let i = 20; i >= 1; i--) sum = 1 + (r / i) * sum;
  return sum * powerOfTwo(k);
}

/** 2^k by exact products, for |k| ≤ 1022: the standard leaves the last bit of `**` to the engine. */
function powerOfTwo(k: number): number {
  let power = 1;
  let factor = k < 0 ? 0.5 : 2;
  for (let left = Math.abs(k); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power *= factor;
    factor *= factor;
  }
  return power;
}

/** ln n for 1 ≤ n ≤ 2^64, by Newton's method on exp. */
export function log(n: number): number {
  let y = 0;
  for (let m = n; m >= 2; m /= 2) y += LN2_HIGH;
  for (let i = 0; i < 6; i++) y = y - 1 + n * exp(-y);
  return y;
}

/** [cos x, sin x] for 0 ≤ x < 2^20, absolute error below 2^−30. */
export function cosSin(x: number): [number, number] {
  if (!(x >= 0 && x < 2 ** 20)) throw new RangeError(`cosSin: expected 0 ≤ x < 2^20, found ${x}`);
  const n = Math.floor(x / HALF_PI_HIGH + 0.5);
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW; // |r| ≤ π/4
  const square = r * r;
  let cos = 1;
  for (let i = 20; i >= 2; i -= 2) cos = 1 - (square / (i * (i - 1))) * cos;
  let sin = 1;
  for (let i = 21; i >= 3; i -= 2) sin = 1 - (square / (i * (i - 1))) * sin;
  sin *= r;
  const turns: [number, number][] = [
    [cos, sin],
    [-sin, cos],
    [-cos, -sin],
    [sin, -cos],
  ];
  return turns[n % 4]!;
}

/** x / (1 + e^−x) */
export function silu(x: number): number {
  return gated(x, x);
}

/** GELU in its tanh form: x·(1 + tanh u)/2 = x / (1 + e^(−2u)), u = √(2/π)·(x + 0.044715·x³) */
export function gelu(x: number): number {
  return gated(x, 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
}

/** x / (1 + e^−y) */
function gated(x: number, y: number): number {
  return y < -600 ? 0 : x / (1 + exp(y > 600 ? -600 : -y));
}
