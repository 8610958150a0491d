import type { Arithmetic } from "../hash/channel.ts";
import { eq, eqIndex } from "../poly/eq.ts";
import type { Claim } from "./claim.ts";
import type { OutOfDomain } from "./receiveOracle.ts";
import type { OracleShape, WhirShape } from "./shape.ts";
import type { WeightTerm } from "./weight.ts";

/*
 * How an oracle's cells lie in its columns. Neighbouring cells lie in neighbouring columns of one row, so an
 * aligned block of cells has all columns and an aligned block of rows. A claim on a block is then the product of
 * a claim on columns and one on rows: what has to be known of the columns to fold them is one value of each,
 * and these are all had by one pass over the block. Were columns contiguous, the variables that number them
 * would mostly select blocks, and every claim would cost a pass over the whole table.
 *
 * Columns that are stored need not be a power of two: they are cut into groups that are, and each
 * group interleaves its own cells.
 */

/** 2^log columns from `first`: cell k·2^log + c of the group is in its column c, row k. Its cells begin at first·2^logRows. */
export interface ColumnGroup {
  readonly first: number;
  readonly log: number;
}

/** The groups of so many columns, larger ones first. */
export function columnGroups(columns: number): ColumnGroup[] {
  const groups: ColumnGroup[] = [];
  for (let first = 0; first < columns; ) {
    const log = Math.floor(Math.log2(columns - first));
    groups.push({ first, log });
    first += 2 ** log;
  }
  return groups;
}

/** The least number from `columns` on that makes at most two groups: claims on a group cost a share of every other. */
export function fewGroups(columns: number): number {
  const first = 2 ** Math.floor(Math.log2(columns));
  return first === columns ? columns : first + 2 ** Math.ceil(Math.log2(columns - first));
}

/** eq of an aligned block of 2^point.length, at a point within it. */
export interface BlockPoint<E> {
  /** A multiple of the block's size. */
  readonly offset: number;
  readonly point: readonly E[];
}

/** A weight on the cells of an oracle: `weight` times a weight on columns times one on rows. */
export interface ProductTerm<E> {
  readonly weight: E;
  readonly columns: BlockPoint<E>;
  readonly rows: BlockPoint<E>;
}

/** What evaluates the multilinear polynomial in the variables of columns, then rows. */
export function wholeTerm<E>(
  field: Pick<Arithmetic<E>, "constant">,
  { logFold }: OracleShape,
  point: readonly E[],
): ProductTerm<E> {
  return {
    weight: field.constant(1),
    columns: { offset: 0, point: point.slice(0, logFold) },
    rows: { offset: 0, point: point.slice(logFold) },
  };
}

/** The claim's weight. What lies beyond the stored columns is zero, and has none. */
export function claimTerms<E>(
  field: Arithmetic<E>,
  { logSize, logFold, columns }: OracleShape,
  { blocks, point }: Claim<E>,
): ProductTerm<E>[] {
  const logRows = logSize - logFold;
  const size = 2 ** point.length;
  return columnGroups(columns).flatMap(({ first, log }) => {
    const start = first * 2 ** logRows;
    const cells = 2 ** (log + logRows);
    const within = Math.min(point.length, log + logRows);
    const [head, inner] = [point.slice(0, point.length - within), point.slice(point.length - within)];
    const [high, low] = [inner.slice(0, Math.max(within - log, 0)), inner.slice(Math.max(within - log, 0))];
    return blocks.flatMap(({ offset, weight }): ProductTerm<E>[] => {
      if (offset >= start + cells || offset + size <= start) return [];
      // Aligned, so one of block and group lies within the other.
      const from = Math.max(offset - start, 0);
      const share = eqIndex(field, head, Math.max(start - offset, 0) / cells);
      return [
        {
          weight: head.length === 0 ? weight : field.mul(weight, share),
          columns: { offset: first + (from % 2 ** log), point: low },
          rows: { offset: Math.floor(from / 2 ** log), point: high },
        },
      ];
    });
  });
}

/** What an opening shows: values, and their weights on an oracle. */
export interface WeighedValue<E> {
  readonly oracle: number;
  readonly value: E;
  readonly terms: readonly ProductTerm<E>[];
}

/** All that is to be shown: every oracle's out-of-domain value, then the claims. */
export function termsOf<E>(
  field: Arithmetic<E>,
  shape: WhirShape,
  oracles: readonly { readonly outOfDomain: OutOfDomain<E> }[],
  claims: readonly Claim<E>[],
): WeighedValue<E>[] {
  const shapeOf = (oracle: number) => shape.oracles[oracle] as OracleShape;
  return [
    ...oracles.map(({ outOfDomain: { point, value } }, oracle) => ({
      oracle,
      value,
      terms: [wholeTerm(field, shapeOf(oracle), point)],
    })),
    ...claims.map((claim) => ({
      oracle: claim.oracle,
      value: claim.value,
      terms: claimTerms(field, shapeOf(claim.oracle), claim),
    })),
  ];
}

/** The term times `coefficient` on the residue, the columns' variables bound to `challenges`. */
export function restrictTerm<E>(
  field: Arithmetic<E>,
  { weight, columns, rows }: ProductTerm<E>,
  coefficient: E,
  challenges: readonly E[],
): WeightTerm<E> {
  const { offset, point } = columns;
  const prefix = challenges.length - point.length;
  const factors = [
    weight,
    eqIndex(field, challenges.slice(0, prefix), offset / 2 ** point.length),
    eq(field, challenges.slice(prefix), point),
  ];
  return { coefficient: factors.reduce((a, b) => field.mul(a, b), coefficient), kind: "eq", ...rows };
}
