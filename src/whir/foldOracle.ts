import { eAdd, type Ext, eMul, ZERO } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqTable } from "../poly/eq.ts";
import type { Claim } from "./claim.ts";
import { innerProduct } from "./combine.ts";
import type { SentOracle } from "./commit.ts";
import { eqVector, evaluateColumns, outerPart } from "./evaluateColumns.ts";
import { addTerms, groupBySuffix } from "./expandWeight.ts";
import { putVector, zeroVector } from "./memory.ts";
import { ProductTable, proveFold } from "./productTable.ts";
import type { OracleShape } from "./shape.ts";
import { restrictClaim } from "./weight.ts";

/** A claim and its batching coefficient. */
export interface BatchedClaim {
  readonly claim: Claim<Ext>;
  readonly coefficient: Ext;
}

/**
 * Folds a base oracle of 2^logSize by its top logFold variables, which number its columns: logFold
 * sumcheck rounds of Σ v·w, w the batched claims' weight. All of it happens in the memory where the oracle
 * lies; the residue goes to `prover`'s. Writes the residue, an extension vector of
 * 2^(logSize − logFold), to `residue` (planes `stride` words apart), and returns the challenges.
 *
 * The table is seen as 2^t wide columns. On a wide column each claim's weight is a factor times a
 * weight that all columns share, so once every wide column has been evaluated under every claim, the
 * first t rounds run over those few values. Then v is bound t times in one pass, w is written out at
 * 2^(logSize − t) entries, and the other rounds run over these vectors. The evaluations grow with t, the
 * vectors shrink; the cheapest t is taken, and the messages are the same for all.
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
  batched: readonly BatchedClaim[],
  residue: Ptr,
  stride: number,
): Ext[] {
  const { prover } = sent.committed;
  const { logSize, logFold, foldGrinding } = shape;
  const mark = prover.arena.mark();
  const t = cheapest(shape, sent, batched);
  const wide = widen(prover, shape, sent.committed.values, t);
  const values = evaluations(prover, wide, logFold, sent, groupClaims(wide, sent, batched));
  const challenges = proveFold(prover, channel, values, t, foldGrinding);
  let v = bindColumns(prover, wide, challenges);
  if (t < logFold) {
    const w = zeroVector(prover, 2 ** wide.logColumn);
    const terms = batched.flatMap(({ claim, coefficient }) =>
      restrictClaim(extArithmetic, claim, coefficient, challenges, wide.logColumn),
    );
    addTerms(prover, w, wide.logColumn, terms);
    const table = new ProductTable(prover, v, w, 2 ** wide.logColumn);
    challenges.push(...proveFold(prover, channel, table, logFold - t, foldGrinding));
    v = table.v;
  }
  const n = 2 ** (logSize - logFold);
  for (let j = 0; j < 5; j++) arena.u32(residue + 4 * j * stride, n).set(prover.arena.u32(v + 4 * j * n, n));
  prover.arena.release(mark);
  return challenges;
}

/** The table as 2^logColumns columns of 2^logColumn words, the first `count` of them stored. */
interface WideColumns {
  readonly logColumns: number;
  readonly logColumn: number;
  readonly count: number;
  readonly values: Ptr;
}

function wideShape({ logSize, logFold, columns }: OracleShape, t: number) {
  return { logColumns: t, logColumn: logSize - t, count: Math.ceil(columns / 2 ** (logFold - t)) };
}

/** As wide columns; copied if the last one is not stored in full, its end zero. */
function widen({ arena }: Prover, shape: OracleShape, values: Ptr, t: number): WideColumns {
  const wide = wideShape(shape, t);
  const stored = shape.columns * 2 ** (shape.logSize - shape.logFold);
  const needed = wide.count * 2 ** wide.logColumn;
  if (stored === needed) return { ...wide, values };
  const copy = arena.alloc(needed);
  const words = arena.u32(copy, needed);
  words.set(arena.u32(values, stored));
  words.fill(0, stored);
  return { ...wide, values: copy };
}

/** Claims whose weight is the same on every wide column, up to a factor. */
interface Group {
  /** Within a column, in cells. */
  readonly offset: number;
  /** The coordinates within a column. */
  readonly point: readonly Ext[];
  /** Names the point. */
  readonly pointKey: string;
  /** (2^logColumns): the factor of each column. */
  readonly factors: Ext[];
  /** The weight of the out-of-domain claim, whose values the commitment left behind. */
  readonly known: boolean;
}

function groupClaims(
  { logColumns, logColumn }: Omit<WideColumns, "values">,
  sent: SentOracle,
  batched: readonly BatchedClaim[],
): Group[] {
  const groups = new Map<string, Group>();
  for (const { claim, coefficient } of batched) {
    const head = Math.max(claim.point.length - logColumn, 0);
    const point = claim.point.slice(head);
    const pointKey = point.join(";");
    const headEq = eqTable(extArithmetic, claim.point.slice(0, head)).map((value) =>
      eMul(coefficient, value),
    );
    for (const block of claim.blocks) {
      const offset = block.offset % 2 ** logColumn;
      const key = `${offset}:${pointKey}`;
      let group = groups.get(key);
      if (!group) {
        const factors = new Array<Ext>(2 ** logColumns).fill(ZERO);
        group = { offset, point, pointKey, factors, known: claim === sent.outOfDomain };
        groups.set(key, group);
      }
      const { factors } = group;
      const first = Math.floor(block.offset / 2 ** logColumn);
      headEq.forEach((value, c) => {
        factors[first + c] = eAdd(factors[first + c] as Ext, eMul(block.weight, value));
      });
    }
  }
  return [...groups.values()];
}

/** Groups that one pass over the columns evaluates: at one offset, or, as the columns lie in memory, at all. */
interface Pass {
  readonly groups: readonly Group[];
  readonly isWhole: boolean;
  /** Words read. */
  readonly cells: number;
}

/** Passes for all groups that need evaluation. The blocks of a packed tensor fill columns: those are read whole. */
function passes({ logColumn, count }: Omit<WideColumns, "values">, groups: readonly Group[]): Pass[] {
  const alike = collect(
    groups.filter(({ known }) => !known),
    ({ point }) => `${point.length}:${outerPart(point).join(";")}`,
  );
  return alike.flatMap((same): Pass[] => {
    const byOffset = collect(same, ({ offset }) => String(offset));
    const block = 2 ** (same[0] as Group).point.length;
    if (2 * byOffset.length * block > 2 ** logColumn)
      return [{ groups: same, isWhole: true, cells: count * 2 ** logColumn }];
    return byOffset.map((groups) => ({ groups, isWhole: false, cells: count * block }));
  });
}

/** Items with equal keys together, in order. */
function collect<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const byKey = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = byKey.get(key);
    if (list) list.push(item);
    else byKey.set(key, [item]);
  }
  return [...byKey.values()];
}

/** Costs of one entry in base × extension multiply-adds, as measured: */
const COST_EXPANDED = 3.5; // adding a term to w
const COST_VECTOR = 14; // all rounds over v and w

/** The number of rounds to run over evaluations. */
function cheapest(shape: OracleShape, sent: SentOracle, batched: readonly BatchedClaim[]): number {
  let best = { t: shape.logFold, cost: Number.POSITIVE_INFINITY };
  for (let t = shape.logFold; t > 0; t--) {
    const wide = wideShape(shape, t);
    let evaluated = 0;
    let expanded = 0;
    const groups = groupClaims(wide, sent, batched);
    for (const { cells } of passes(wide, groups)) evaluated += cells;
    for (const terms of groupBySuffix(groups)) {
      const cells = terms.reduce((sum, { point }) => sum + 2 ** point.length, 0);
      expanded += COST_EXPANDED * Math.min(cells, 2 ** wide.logColumn);
    }
    const vectors = t < shape.logFold ? expanded + COST_VECTOR * 2 ** wide.logColumn : 0;
    if (evaluated + vectors < best.cost) best = { t, cost: evaluated + vectors };
  }
  return best.t;
}

/** Σ over columns c and groups g of factor_g[c]·value_g[c]: a table of (2^logColumns, groups padded to a power of two). */
function evaluations(
  prover: Prover,
  wide: WideColumns,
  logFold: number,
  sent: SentOracle,
  groups: readonly Group[],
): ProductTable {
  const { logColumns, logColumn, count, values } = wide;
  let width = 1;
  while (width < groups.length) width *= 2;
  const n = 2 ** logColumns * width;
  const v = new Array<Ext>(n).fill(ZERO);
  const w = new Array<Ext>(n).fill(ZERO);
  const write = (group: Group, byColumn: readonly Ext[]) => {
    const g = groups.indexOf(group);
    byColumn.forEach((value, c) => {
      v[c * width + g] = value;
    });
    group.factors.forEach((factor, c) => {
      w[c * width + g] = factor;
    });
  };
  for (const group of groups) if (group.known) write(group, widenValues(sent, logColumns, logFold));
  for (const { groups: together, isWhole } of passes(wide, groups)) {
    const [{ offset, point }] = together as [Group];
    const points = [...new Map(together.map((group) => [group.pointKey, group.point])).entries()];
    const perColumn = isWhole ? 2 ** (logColumn - point.length) : 1;
    const evaluated = isWhole
      ? evaluateColumns(
          prover,
          values,
          count * perColumn,
          point.length,
          0,
          points.map(([, at]) => at),
        )
      : evaluateColumns(
          prover,
          values,
          count,
          logColumn,
          offset,
          points.map(([, at]) => at),
        );
    for (const group of together) {
      const byBlock = evaluated[points.findIndex(([key]) => key === group.pointKey)] as Ext[];
      const place = isWhole ? group.offset / 2 ** point.length : 0;
      write(group, perColumn === 1 ? byBlock : byBlock.filter((_, k) => k % perColumn === place));
    }
  }
  const { arena } = prover;
  return new ProductTable(prover, putVector(arena, v), putVector(arena, w), n);
}

/** The columns' out-of-domain values, combined into those of 2^t wide columns. */
function widenValues({ outOfDomain, outOfDomainColumns }: SentOracle, t: number, logFold: number): Ext[] {
  const eq = eqTable(extArithmetic, outOfDomain.point.slice(t, logFold));
  const values: Ext[] = [];
  for (let c = 0; c < outOfDomainColumns.length; c += eq.length)
    values.push(innerProduct(extArithmetic, eq, outOfDomainColumns.slice(c, c + eq.length)));
  return values;
}

/** Σ_c eq(challenges, c)·column c. */
function bindColumns(
  prover: Prover,
  { logColumns, logColumn, count, values }: WideColumns,
  challenges: readonly Ext[],
): Ptr {
  const { kernels, arena } = prover;
  const bound = arena.alloc(5 * 2 ** logColumn);
  const weights = truncate(prover, eqVector(prover, challenges), 2 ** logColumns, count);
  kernels.contractBase(bound, values, weights, 1, count, 2 ** logColumn);
  return bound;
}

/** The first `count` elements of a vector of n as a vector of their own. */
function truncate({ arena }: Prover, vector: Ptr, n: number, count: number): Ptr {
  if (count === n) return vector;
  const shorter = arena.alloc(5 * count);
  for (let j = 0; j < 5; j++)
    arena.u32(shorter + 4 * j * count, count).set(arena.u32(vector + 4 * j * n, count));
  return shorter;
}
