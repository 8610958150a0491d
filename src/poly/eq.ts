import type { Arithmetic } from "../hash/channel.ts";

/**
 * The equality polynomial eq(a, b) = Π ((1−a_i)(1−b_i) + a_i·b_i), and its tables. Points are ordered
 * most significant variable first.
 *
 * @example
 * ```ts
 * import { extArithmetic as f } from "../hash/extArithmetic.ts";
 * import { eq, eqTable } from "./eq.ts";
 * const point = [f.constant(7), f.constant(9)];
 * console.log(eqTable(f, point)[2], eq(f, point, [f.constant(1), f.constant(0)])); // equal
 * ```
 */

/** eq(a, b) of two points of the same length. */
export function eq<E>(field: Arithmetic<E>, a: readonly E[], b: readonly E[]): E {
  let product = field.constant(1);
  for (let i = 0; i < a.length; i++) product = field.mul(product, eqFactor(field, a[i] as E, b[i] as E));
  return product;
}

/** (1−a)(1−b) + a·b, as 1 − a − b + 2ab. */
export function eqFactor<E>(field: Arithmetic<E>, a: E, b: E): E {
  const sum = field.add(a, b);
  return field.add(field.sub(field.constant(1), sum), field.scale(field.mul(a, b), 2));
}

/** eq(point, b) for every b in [0, 2^k), b's most significant bit against the first coordinate. */
export function eqTable<E>(field: Arithmetic<E>, point: readonly E[]): E[] {
  let table = [field.constant(1)];
  for (const coordinate of point) {
    table = table.flatMap((value) => {
      const one = field.mul(value, coordinate);
      return [field.sub(value, one), one];
    });
  }
  return table;
}

/**
 * eq of a point and the bits of `index`, most significant first: the weight of an aligned subcube
 * (block number `index` of 2^point.length) at the point of the variables that select it.
 */
export function eqIndex<E>(field: Arithmetic<E>, point: readonly E[], index: number): E {
  let product = field.constant(1);
  for (let i = 0; i < point.length; i++) {
    const bit = Math.floor(index / 2 ** (point.length - 1 - i)) % 2;
    const coordinate = point[i] as E;
    product = field.mul(product, bit === 1 ? coordinate : field.sub(field.constant(1), coordinate));
  }
  return product;
}
