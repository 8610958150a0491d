import { add, mul, sub } from "../field/m31.ts";

/**
 * The line domain D_k: the 2^k x-coordinates of the odd multiples of the circle generator of order
 * 2^(k+2) (Circle STARKs, eprint 2024/278, §3). D_k = −D_k, and π(x) = 2x² − 1 maps it two-to-one
 * onto D_(k−1); D_0 = {0}.
 *
 * Order: with G of order 2^(k+2), index i is Re(G^(1 + 4·bitreverse_k(i))). So ±x are neighbours
 * (i, i ^ 1), and π maps index i of D_k to index i >> 1 of D_(k−1).
 *
 * @example
 * ```ts
 * import { lineDomainPoint } from "./lineDomain.ts";
 * console.log(lineDomainPoint(6, 4) + lineDomainPoint(7, 4)); // p
 * ```
 */

/** A point of the circle x² + y² = 1. */
export type CirclePoint = readonly [x: number, y: number];

/** The circle has 2^31 points, so D_29 is the largest line domain. */
export const MAX_LOG_DOMAIN = 29;

/** A generator of the whole circle group, of order 2^31. */
const GENERATOR: CirclePoint = [2, 1268011823];

function multiply([ax, ay]: CirclePoint, [bx, by]: CirclePoint): CirclePoint {
  return [sub(mul(ax, bx), mul(ay, by)), add(mul(ax, by), mul(ay, bx))];
}

/** π(x), the x-coordinate of the doubled point. */
function double(x: number): number {
  const square = mul(x, x);
  return sub(add(square, square), 1);
}

/** GENERATORS[k] has order 2^k. */
const GENERATORS: readonly CirclePoint[] = (() => {
  const list = [GENERATOR];
  for (let k = 31; k > 0; k--) list.unshift(multiply(list[0] as CirclePoint, list[0] as CirclePoint));
  return list;
})();

/** The generator of the subgroup of order 2^log that the domains' points are made of. */
export function domainGenerator(log: number): CirclePoint {
  return GENERATORS[log] as CirclePoint;
}

/** x_index of D_log. Bit b of the index contributes G^(2^(log+1−b)), the generator of order 2^(b+1). */
export function lineDomainPoint(index: number, log: number): number {
  let [x, y] = domainGenerator(log + 2);
  for (let b = 0; b < log; b++) {
    if (((index >>> b) & 1) === 0) continue;
    const [gx, gy] = domainGenerator(b + 1);
    const next = sub(mul(x, gx), mul(y, gy));
    y = add(mul(x, gy), mul(y, gx));
    x = next;
  }
  return x;
}

/** start·Π G^(2^(log+1−b)) over the set bits b of an index, from ≤ b < to, by (index >> from). */
function subproducts(start: CirclePoint, from: number, to: number): CirclePoint[] {
  let points = [start];
  for (let b = from; b < to; b++) {
    const step = domainGenerator(b + 1);
    points = points.concat(points.map((point) => multiply(point, step)));
  }
  return points;
}

/**
 * The encoder's twiddles for every line domain up to D_logDomain, as a heap: word 2^(k−1) + u is
 * x_(2u) of D_k, for 1 ≤ k ≤ logDomain and u < 2^(k−1). Word 0 is unused. The table of a larger
 * domain begins with the table of a smaller one.
 */
export function lineDomainTwiddles(logDomain: number): Uint32Array {
  const table = new Uint32Array(2 ** logDomain);
  if (logDomain === 0) return table;
  const half = 2 ** (logDomain - 1);
  // The largest domain: index bits below the middle, times those above.
  const middle = (logDomain + 1) >>> 1;
  const low = subproducts(domainGenerator(logDomain + 2), 1, middle);
  const high = subproducts([1, 0], middle, logDomain);
  let at = half;
  for (const [hx, hy] of high) for (const [lx, ly] of low) table[at++] = sub(mul(lx, hx), mul(ly, hy));
  // x_(2u) of D_(k−1) is π of x_(4u) of D_k.
  for (let i = half - 1; i > 0; i--) table[i] = double(table[2 * i] as number);
  return table;
}
