import { eAdd, type Ext, eMul, ZERO } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqTable } from "../poly/eq.ts";
import type { Claim } from "./claim.ts";
import type { SentOracle } from "./commit.ts";
import { evaluateColumns, eqVector } from "./evaluateColumns.ts";
import { addTerms, termKey } from "./expandWeight.ts";
import { putVector, zeroVector } from "./memory.ts";
import { ProductTable, proveFold } from "./productTable.ts";
import type { OracleShape } from "./shape.ts";

/** A claim and its batching coefficient. */
export interface BatchedClaim {
  readonly claim: Claim<Ext>;
  readonly coefficient: Ext;
}

/** Claims whose weight is the same on every column they touch, up to a factor. */
interface Group {
  /** Within a column, in cells. */
  readonly offset: number;
  /** The coordinates within a column. */
  readonly point: readonly Ext[];
  readonly claims: BatchedClaim[];
  /** (2^logFold): the factor of each column. */
  readonly factors: Ext[];
  /** Each column's value at the point, if known already. */
  known?: readonly Ext[];
}

/**
 * Folds a base oracle of 2^logSize by its top logFold variables, which number its columns: logFold
 * sumcheck rounds of Σ v·w, w the batched claims' weight. Writes the residue, an extension vector of
 * 2^(logSize − logFold), to `residue` (planes `stride` words apart), and returns the challenges.
 *
 * w = Σ over groups of (factor of the column) ⊗ (weight within the column). A group is folded in one of
 * two ways, with the same result; the cheaper one is taken:
 * - contracted: every column is first evaluated at the group's point, and the rounds run over the
 *   2^logFold values; one multiply-add per cell of all columns, no memory;
 * - expanded: its weight is written out in a vector as large as the oracle, shared by all such groups.
 *
 * @example
 * ```ts
 * const challenges = foldOracle(prover, channel, shape.oracles[0]!, sent, batched, stack, stride);
 * ```
 */
export function foldOracle(
  prover: Prover,
  channel: ProverChannel,
  shape: OracleShape,
  sent: SentOracle,
  batched: readonly BatchedClaim[],
  residue: Ptr,
  stride: number,
): Ext[] {
  const { arena } = prover;
  const mark = arena.mark();
  const groups = groupClaims(shape, sent, batched);
  const { contracted, expanded } = divide(shape, groups);
  const tables: ProductTable[] = [];
  if (contracted.length > 0) tables.push(contract(prover, shape, sent.committed.values, contracted));
  const whole = expanded.length > 0 ? expand(prover, shape, sent.committed.values, expanded) : undefined;
  if (whole) tables.push(whole);
  const challenges = proveFold(prover, channel, tables, shape.logFold, shape.foldGrinding);
  const folded = whole?.v ?? bindColumns(prover, shape, sent.committed.values, challenges);
  const n = 2 ** (shape.logSize - shape.logFold);
  for (let j = 0; j < 5; j++) arena.u32(residue + 4 * j * stride, n).set(arena.u32(folded + 4 * j * n, n));
  arena.release(mark);
  return challenges;
}

function groupClaims(shape: OracleShape, sent: SentOracle, batched: readonly BatchedClaim[]): Group[] {
  const variables = shape.logSize - shape.logFold;
  const groups = new Map<string, Group>();
  for (const { claim, coefficient } of batched) {
    const head = Math.max(claim.point.length - variables, 0);
    const offset = claim.offset % 2 ** variables;
    const point = claim.point.slice(head);
    const key = termKey({ offset, point });
    let group = groups.get(key);
    if (!group) {
      group = { offset, point, claims: [], factors: new Array<Ext>(2 ** shape.logFold).fill(ZERO) };
      groups.set(key, group);
    }
    group.claims.push({ claim, coefficient });
    const { factors } = group;
    const first = Math.floor(claim.offset / 2 ** variables);
    eqTable(extArithmetic, claim.point.slice(0, head)).forEach((value, c) => {
      factors[first + c] = eAdd(factors[first + c] as Ext, eMul(coefficient, value));
    });
    if (claim === sent.outOfDomain) group.known = sent.outOfDomainColumns;
  }
  return [...groups.values()];
}

/** Expanding takes 45 bytes per cell at its peak, so beyond this size everything is contracted. */
const MAX_LOG_EXPANDED = 24;

/** Costs in base × extension multiply-adds; an extension product counts as 3.5, and a fold of a whole vector as 4 per cell. */
function divide(shape: OracleShape, groups: readonly Group[]): { contracted: Group[]; expanded: Group[] } {
  const contraction = ({ point, known }: Group) => (known ? 0 : shape.columns * 2 ** point.length);
  const expansion = ({ claims }: Group) =>
    claims.reduce((sum, { claim }) => sum + 3.5 * 2 ** claim.point.length, 0);
  const contracted = groups.filter((group) => contraction(group) <= expansion(group));
  const expanded = groups.filter((group) => contraction(group) > expansion(group));
  const sum = (cost: (group: Group) => number) => expanded.reduce((total, group) => total + cost(group), 0);
  const worthIt = sum(contraction) > sum(expansion) + 4 * 2 ** shape.logSize;
  if (!worthIt || shape.logSize > MAX_LOG_EXPANDED) return { contracted: [...groups], expanded: [] };
  return { contracted, expanded };
}

/** Σ over groups g and columns c of factor_g[c]·value_g[c]: a table of (2^logFold, groups padded to a power of two). */
function contract(prover: Prover, shape: OracleShape, values: Ptr, groups: readonly Group[]): ProductTable {
  const { logSize, logFold, columns } = shape;
  let width = 1;
  while (width < groups.length) width *= 2;
  const n = 2 ** logFold * width;
  const v = new Array<Ext>(n).fill(ZERO);
  const w = new Array<Ext>(n).fill(ZERO);
  groups.forEach(({ offset, point, factors, known }, g) => {
    const byColumn = known ?? evaluateColumns(prover, values, columns, logSize - logFold, offset, point);
    byColumn.forEach((value, c) => {
      v[c * width + g] = value;
    });
    factors.forEach((factor, c) => {
      w[c * width + g] = factor;
    });
  });
  const { arena } = prover;
  return new ProductTable(prover, { v: putVector(arena, v), w: putVector(arena, w), n, base: false });
}

function expand(prover: Prover, shape: OracleShape, values: Ptr, groups: readonly Group[]): ProductTable {
  const { arena } = prover;
  const n = 2 ** shape.logSize;
  const stored = shape.columns * 2 ** (shape.logSize - shape.logFold);
  let v = values;
  if (stored < n) {
    v = arena.alloc(n);
    const padded = arena.u32(v, n);
    padded.set(arena.u32(values, stored));
    padded.fill(0, stored);
  }
  const w = zeroVector(arena, n);
  const terms = groups.flatMap(({ claims }) =>
    claims.map(({ claim: { offset, point }, coefficient }) => ({
      coefficient,
      kind: "eq" as const,
      offset,
      point,
    })),
  );
  addTerms(prover, w, shape.logSize, terms);
  return new ProductTable(prover, { v, w, n, base: true });
}

/** Σ_c eq(challenges, c)·column c. */
function bindColumns(prover: Prover, shape: OracleShape, values: Ptr, challenges: readonly Ext[]): Ptr {
  const { kernels, arena } = prover;
  const n = 2 ** (shape.logSize - shape.logFold);
  const folded = arena.alloc(5 * n);
  const weights = truncate(prover, eqVector(prover, challenges), 2 ** shape.logFold, shape.columns);
  kernels.contractBase(folded, values, weights, 1, shape.columns, n);
  return folded;
}

/** The first `count` elements of a vector of n as a vector of their own. */
function truncate({ arena }: Prover, vector: Ptr, n: number, count: number): Ptr {
  if (count === n) return vector;
  const shorter = arena.alloc(5 * count);
  for (let j = 0; j < 5; j++)
    arena.u32(shorter + 4 * j * count, count).set(arena.u32(vector + 4 * j * n, count));
  return shorter;
}
