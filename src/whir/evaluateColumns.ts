import { type Ext, ONE } from "../field/ext.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { getScalar, getScalars, getVector, putScalars } from "./memory.ts";

/**
 * Variables of the inner contraction: long enough runs for the kernels, small enough for the cache; and those of
 * a compression's cells, in which most claims of a folding circuit differ.
 */
const LOG_INNER = 9;

/** The coordinates that points must have in common to be evaluated in one pass: all but the last few. */
export function outerPart(point: readonly Ext[]): readonly Ext[] {
  return point.slice(0, Math.max(0, point.length - LOG_INNER));
}

/**
 * In each of `columns` contiguous base columns of 2^logColumn words: the multilinear extension of the
 * 2^k words at `offset`, at each of the points of k coordinates, which have their `outerPart` in common. One
 * base × extension multiply-add per word read.
 *
 * @returns (point, column)
 *
 * @example
 * ```ts
 * const [[first]] = evaluateColumns(prover, values, 1, 10, 0, [point]); // a table of 2^10 at 10 coordinates
 * ```
 */
export function evaluateColumns(
  prover: Prover,
  values: Ptr,
  columns: number,
  logColumn: number,
  offset: number,
  points: readonly (readonly Ext[])[],
): Ext[][] {
  const { kernels, arena } = prover;
  const mark = arena.mark();
  const [first] = points as readonly [readonly Ext[]];
  const logOuter = outerPart(first).length;
  const logInner = first.length - logOuter;
  const outerEq = eqVector(prover, first.slice(0, logOuter));
  // Whole columns are contiguous, so one call takes them all.
  const together = first.length === logColumn ? columns : 1;
  const partial = arena.alloc(5 * together * 2 ** logInner);
  const sums = points.map((point) => ({
    innerEq: eqVector(prover, point.slice(logOuter)),
    at: arena.alloc(5 * columns), // a vector if taken together, else scalars
  }));
  for (let c = 0; c < columns; c += together) {
    const source = values + 4 * (c * 2 ** logColumn + offset);
    kernels.contractBase(partial, source, outerEq, together, 2 ** logOuter, 2 ** logInner);
    for (const { innerEq, at } of sums)
      kernels.contractExt(at + 20 * c, partial, innerEq, together, 2 ** logInner, 1);
  }
  const results = sums.map(({ at }) =>
    together > 1 ? getVector(arena, at, columns) : getScalars(arena, at, columns),
  );
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
