import { DEGREE } from "../field/ext.ts";
import type { Arithmetic } from "../hash/channel.ts";

/**
 * Small combinations that prover and verifier share.
 *
 * @example
 * ```ts
 * import { extArithmetic as f } from "../hash/extArithmetic.ts";
 * import { powers } from "./combine.ts";
 * console.log(powers(f, f.constant(3), 3).map(([x]) => x)); // [1, 3, 9]
 * ```
 */

/** 1, γ, …, γ^(count−1). */
export function powers<E>(field: Arithmetic<E>, gamma: E, count: number): E[] {
  const list: E[] = [];
  let power = field.constant(1);
  for (let i = 0; i < count; i++) {
    list.push(power);
    if (i + 1 < count) power = field.mul(power, gamma);
  }
  return list;
}

/**
 * The folded word's value at a row: Σ_c eq_c·row_c. A row of an extension oracle holds, for each
 * coordinate j in turn, coordinate j of every column: Σ_j X^j·Σ_c eq_c·row_(j, c).
 */
export function foldRow<E>(
  field: Arithmetic<E>,
  eqColumns: readonly E[],
  row: readonly E[],
  extension: boolean,
): E {
  if (!extension) return field.innerProduct(eqColumns, row);
  const x = field.constant([0, 1, 0, 0, 0]);
  let sum = field.constant(0);
  for (let j = DEGREE - 1; j >= 0; j--) {
    const plane = row.slice(j * eqColumns.length, (j + 1) * eqColumns.length);
    sum = field.add(field.mul(sum, x), field.innerProduct(eqColumns, plane));
  }
  return sum;
}
