import { type Ext, ONE } from "../field/ext.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { getScalar, getScalars, getVector, putScalars } from "./memory.ts";

/** Variables of the inner contraction: long enough runs for the kernels, small enough for the cache. */
const LOG_INNER = 8;

/**
 * In each of `columns` contiguous base columns of 2^logColumn words: the multilinear extension of the
 * 2^k words at `offset`, at `point` of k coordinates. One base × extension multiply-add per word read.
 *
 * @example
 * ```ts
 * const [first] = evaluateColumns(prover, values, 1, 10, 0, point); // a table of 2^10 at 10 coordinates
 * ```
 */
export function evaluateColumns(
  prover: Prover,
  values: Ptr,
  columns: number,
  logColumn: number,
  offset: number,
  point: readonly Ext[],
): Ext[] {
  const { kernels, arena } = prover;
  const mark = arena.mark();
  const logInner = Math.min(point.length, LOG_INNER);
  const logOuter = point.length - logInner;
  const outerEq = eqVector(prover, point.slice(0, logOuter));
  const innerEq = eqVector(prover, point.slice(logOuter));
  // Whole columns are contiguous, so one call takes them all.
  const together = point.length === logColumn ? columns : 1;
  const partial = arena.alloc(5 * together * 2 ** logInner);
  const sums = arena.alloc(5 * columns); // a vector if taken together, else scalars
  for (let c = 0; c < columns; c += together) {
    const source = values + 4 * (c * 2 ** logColumn + offset);
    kernels.contractBase(partial, source, outerEq, together, 2 ** logOuter, 2 ** logInner);
    kernels.contractExt(sums + 20 * c, partial, innerEq, together, 2 ** logInner, 1);
  }
  const results = together > 1 ? getVector(arena, sums, columns) : getScalars(arena, sums, columns);
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
