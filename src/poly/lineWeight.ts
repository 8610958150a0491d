import type { Arithmetic } from "../hash/channel.ts";

/**
 * In-domain evaluations as multilinear claims: the codeword of v at x is Σ_b v_b·Π_i π^i(x)^(b_i),
 * b_0 the lowest bit (DESIGN §4), so its weight at a point r is Π_i ((1 − r_i) + π^i(x)·r_i).
 *
 * @example
 * ```ts
 * import { extArithmetic as f } from "../hash/extArithmetic.ts";
 * import { linePowers, lineWeight } from "./lineWeight.ts";
 * // At a Boolean point it is the monomial: b = 10₂ gives π(x).
 * console.log(lineWeight(f, f.constant(5), [f.constant(1), f.constant(0)]), linePowers(f, f.constant(5), 2)[0]);
 * ```
 */

/** [π^(k−1)(x), …, π(x), x], π(x) = 2x² − 1: one per variable, most significant first. */
export function linePowers<E>(field: Arithmetic<E>, x: E, k: number): E[] {
  const powers: E[] = [];
  const one = field.constant(1);
  let power = x;
  for (let i = 0; i < k; i++) {
    powers.unshift(power);
    if (i + 1 < k) power = field.sub(field.scale(field.mul(power, power), 2), one);
  }
  return powers;
}

/** The factor 1 + r·(power − 1) of one variable. */
export function lineFactor<E>(field: Arithmetic<E>, power: E, r: E): E {
  return field.add(field.constant(1), field.mul(r, field.sub(power, field.constant(1))));
}

/** The weight of the evaluation at x, at the point r (most significant variable first). */
export function lineWeight<E>(field: Arithmetic<E>, x: E, r: readonly E[]): E {
  const powers = linePowers(field, x, r.length);
  let product = field.constant(1);
  for (let i = 0; i < r.length; i++)
    product = field.mul(product, lineFactor(field, powers[i] as E, r[i] as E));
  return product;
}

/** All monomials Π_i π^i(x)^(b_i), b in [0, 2^k): the weight's table. */
export function lineTable<E>(field: Arithmetic<E>, x: E, k: number): E[] {
  let table = [field.constant(1)];
  for (const power of linePowers(field, x, k))
    table = table.flatMap((value) => [value, field.mul(value, power)]);
  return table;
}
