import { eEqual, type Ext, eMul, ONE } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqIndex } from "../poly/eq.ts";
import { type BlockPoint, columnGroups, type ProductTerm } from "./columns.ts";
import type { SentOracle } from "./commit.ts";
import { columnsAt, eqVector } from "./columnsAt.ts";
import { putScalars, putVector, zeroVector } from "./memory.ts";
import { ProductTable, proveFold } from "./productTable.ts";
import type { OracleShape } from "./shape.ts";

/** A claim's weight and its batching coefficient. */
export interface BatchedTerm {
  readonly term: ProductTerm<Ext>;
  readonly coefficient: Ext;
  /** (columns): their values under the term's weight on rows, where they are known. */
  readonly known?: readonly Ext[];
}

/**
 * Folds a base oracle of 2^logSize by its top logFold variables, which number its columns: logFold
 * sumcheck rounds of Σ v·w, w the batched claims' weight. All of it happens in the memory where the oracle
 * lies; the residue goes to `prover`'s. Writes the residue, an extension vector of
 * 2^(logSize − logFold), to `residue` (planes `stride` words apart), and returns the challenges.
 *
 * A claim's weight on rows is the same for all columns, so the columns enter by their values under these
 * weights, one value for each column and claim; the rounds run over those.
 *
 * @example
 * ```ts
 * const challenges = foldOracle(prover, channel, shape.oracles[0]!, sent, batched, stack, stride);
 * ```
 */
export function foldOracle(
  { arena }: Prover,
  channel: ProverChannel,
  shape: OracleShape,
  sent: SentOracle,
  batched: readonly BatchedTerm[],
  residue: Ptr,
  stride: number,
): Ext[] {
  const { prover } = sent.committed;
  const { logSize, logFold, foldGrinding } = shape;
  const mark = prover.arena.mark();
  const challenges = proveFold(prover, channel, columnValues(shape, sent, batched), logFold, foldGrinding);
  const v = bindColumns(shape, sent, challenges);
  const n = 2 ** (logSize - logFold);
  for (let j = 0; j < 5; j++) arena.u32(residue + 4 * j * stride, n).set(prover.arena.u32(v + 4 * j * n, n));
  prover.arena.release(mark);
  return challenges;
}

/** v[c, k] = column c under the rows' weight of term k, w[c, k] = the term's weight of column c; k padded to a power of two. */
function columnValues(shape: OracleShape, sent: SentOracle, batched: readonly BatchedTerm[]): ProductTable {
  const { prover } = sent.committed;
  const { arena } = prover;
  const width = 2 ** Math.ceil(Math.log2(batched.length));
  const n = 2 ** shape.logFold * width;
  const [v, w] = [zeroVector(prover, n), zeroVector(prover, n)];
  /** Column k of rows `first` … of a (2^logFold, width) vector becomes `count` elements. */
  const place = (to: Ptr, k: number, first: number, from: Ptr, count: number) => {
    const source = arena.u32(from, 5 * count);
    const target = arena.u32(to, 5 * n);
    for (let j = 0; j < 5; j++)
      for (let c = 0; c < count; c++)
        target[j * n + (first + c) * width + k] = source[j * count + c] as number;
  };
  const mark = arena.mark();
  batched.forEach(({ term: { weight, columns }, coefficient, known }, k) => {
    const own = eqVector(prover, columns.point, eMul(weight, coefficient));
    place(w, k, columns.offset, own, 2 ** columns.point.length);
    if (known) place(v, k, 0, putVector(arena, known), known.length);
    arena.release(mark);
  });
  for (const { rows, inner, members } of passes(batched)) {
    const points = members.map((k) => (batched[k] as BatchedTerm).term.rows.point);
    columnsAt(sent.committed, shape, rows.offset, points, inner).forEach((groups, m) => {
      for (const { first, log, values } of groups) place(v, members[m] as number, first, values, 2 ** log);
    });
    arena.release(mark);
  }
  return new ProductTable(prover, v, w, n);
}

/** Terms that one pass over a block of rows evaluates. */
interface Pass {
  readonly rows: BlockPoint<Ext>;
  /** The last coordinates, in which the terms' points may differ. */
  readonly inner: number;
  /** Which terms. */
  readonly members: number[];
}

/** Cells, as a power of two, in whose numbers points may differ: those of a compression in a folding circuit. */
const LOG_CELLS = 9;

/** Passes for all terms whose columns' values are not known. */
function passes(batched: readonly BatchedTerm[]): Pass[] {
  const byStart = new Map<string, Pass[]>();
  batched.forEach(({ term: { rows, columns }, known }, k) => {
    if (known) return;
    const inner = Math.min(Math.max(LOG_CELLS - columns.point.length, 0), rows.point.length);
    const outer = rows.point.length - inner;
    const key = `${rows.offset} ${outer} ${inner} ${outer > 0 ? rows.point[0] : ""}`;
    const alike = byStart.get(key) ?? [];
    byStart.set(key, alike);
    const pass = alike.find(({ rows: { point } }) =>
      rows.point.slice(0, outer).every((x, i) => eEqual(x, point[i] as Ext)),
    );
    if (pass) pass.members.push(k);
    else alike.push({ rows, inner, members: [k] });
  });
  return [...byStart.values()].flat();
}

/** Σ_c eq(challenges, c)·column c: 2^(logSize − logFold) elements. */
function bindColumns(
  { logSize, logFold, columns }: OracleShape,
  { committed: { prover, values } }: SentOracle,
  challenges: readonly Ext[],
): Ptr {
  const { kernels, arena } = prover;
  const rows = 2 ** (logSize - logFold);
  const parts = columnGroups(columns).map(({ first, log }) => {
    const part = arena.alloc(5 * rows);
    const share = eqIndex(extArithmetic, challenges.slice(0, logFold - log), first / 2 ** log);
    const weights = eqVector(prover, challenges.slice(logFold - log), share);
    kernels.contractBase(part, values + 4 * first * rows, weights, rows, 2 ** log, 1);
    return part;
  });
  const [sum, ...others] = parts as [Ptr, ...Ptr[]];
  const one = putScalars(arena, [ONE]);
  for (const part of others) kernels.axpyExt(sum, rows, part, rows, one);
  return sum;
}
