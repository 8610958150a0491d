import type { Arithmetic } from "../hash/channel.ts";

/**
 * The multilinear extension of a table of 2^k values (row-major, first variable most significant) at a
 * point of k coordinates: binds the top variable first, 2^k − 1 multiplications.
 *
 * @example
 * ```ts
 * import { extArithmetic as f } from "../hash/extArithmetic.ts";
 * import { evaluate } from "./evaluate.ts";
 * const table = [1, 2, 3, 4].map((v) => f.constant(v));
 * console.log(evaluate(f, table, [f.constant(1), f.constant(0)])); // 3
 * ```
 */
export function evaluate<E>(field: Arithmetic<E>, table: readonly E[], point: readonly E[]): E {
  if (table.length !== 2 ** point.length)
    throw new RangeError(`evaluate: expected a table of ${2 ** point.length} values, found ${table.length}`);
  let values = table;
  for (const r of point) {
    const half = values.length / 2;
    const low = values;
    values = Array.from({ length: half }, (_, i) =>
      field.add(low[i] as E, field.mul(r, field.sub(low[i + half] as E, low[i] as E))),
    );
  }
  return values[0] as E;
}
