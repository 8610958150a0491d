import { type Ext, ONE } from "../field/ext.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { type ColumnGroup, columnGroups } from "./columns.ts";
import type { Committed } from "./commit.ts";
import { getScalar, putScalars } from "./memory.ts";
import type { OracleShape } from "./shape.ts";

/** Variables of the inner contraction: long enough runs for the kernels, small enough for the cache. */
const LOG_INNER = 8;

/** Values of the columns of a group. */
export interface GroupValues extends ColumnGroup {
  /** 2^log elements, newly allocated. */
  readonly values: Ptr;
}

/**
 * Each column's sum over the rows of a block, weighted by eq of a point, for each of the points, which have all
 * but the last `inner` coordinates in common: one base × extension multiply-add per word of the block.
 *
 * @example
 * ```ts
 * const [groups] = columnsAt(committed, shape, 0, [point], 0); // whole columns at a point
 * ```
 */
export function columnsAt(
  { prover, values }: Pick<Committed, "prover" | "values">,
  { logSize, logFold, columns }: OracleShape,
  offset: number,
  points: readonly (readonly Ext[])[],
  inner: number,
): GroupValues[][] {
  const { kernels, arena } = prover;
  const results = points.map(() =>
    columnGroups(columns).map((group) => ({ ...group, values: arena.alloc(5 * 2 ** group.log) })),
  );
  const mark = arena.mark();
  const [first] = points as readonly [readonly Ext[]];
  // One point alone is best taken whole.
  const logInner = points.length === 1 ? 0 : inner;
  const outer = eqVector(prover, first.slice(0, first.length - logInner));
  const weights = points.map((point) => eqVector(prover, point.slice(point.length - logInner)));
  columnGroups(columns).forEach(({ first: column, log }, g) => {
    const block = values + 4 * (column * 2 ** (logSize - logFold) + offset * 2 ** log);
    const sums = results.map((groups) => (groups[g] as GroupValues).values);
    const partial = logInner === 0 ? (sums[0] as Ptr) : arena.alloc(5 * 2 ** (logInner + log));
    kernels.contractBase(partial, block, outer, 1, 2 ** (first.length - logInner), 2 ** (logInner + log));
    if (logInner > 0)
      sums.forEach((sum, k) => {
        kernels.contractExt(sum, partial, weights[k] as Ptr, 1, 2 ** logInner, 2 ** log);
      });
    else for (const sum of sums.slice(1)) arena.u32(sum, 5 * 2 ** log).set(arena.u32(partial, 5 * 2 ** log));
  });
  arena.release(mark);
  return results;
}

/** The multilinear extension of an extension vector of 2^k elements at a point of k coordinates. */
export function evaluateVector(prover: Prover, values: Ptr, point: readonly Ext[]): Ext {
  const { kernels, arena } = prover;
  const mark = arena.mark();
  const logInner = Math.min(point.length, LOG_INNER);
  const logOuter = point.length - logInner;
  const partial = arena.alloc(5 * 2 ** logInner);
  kernels.contractExt(
    partial,
    values,
    eqVector(prover, point.slice(0, logOuter)),
    1,
    2 ** logOuter,
    2 ** logInner,
  );
  const sum = arena.alloc(5);
  kernels.contractExt(sum, partial, eqVector(prover, point.slice(logOuter)), 1, 2 ** logInner, 1);
  const value = getScalar(arena, sum);
  arena.release(mark);
  return value;
}

/** scale·eq(point, ·) as a newly allocated vector of 2^k elements. */
export function eqVector({ kernels, arena }: Prover, point: readonly Ext[], scale: Ext = ONE): Ptr {
  const table = arena.alloc(5 * 2 ** point.length);
  const mark = arena.mark();
  kernels.eqTable(table, putScalars(arena, point), point.length, putScalars(arena, [scale]));
  arena.release(mark);
  return table;
}
