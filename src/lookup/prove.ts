import {
  allocExt,
  elementAt,
  eqTable,
  type ProverContext,
  sendValue,
  tableOf,
} from "../air/proverContext.ts";
import { eAdd, eBase, eInv, eMul, eNeg, eSub, type Ext, ONE, ZERO } from "../field/ext.ts";
import { neg } from "../field/m31.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { nextClaim } from "../sumcheck/round.ts";
import { type FactoredEq, type Leaves, type Level, levelSum } from "./fractionPair.ts";
import { type FractionShape, type FractionTree, isUnit } from "./fractionShape.ts";
import { invertAll } from "./invertAll.ts";

/** Variables of the inner table of a factored eq: small enough for the first cache. */
const LOG_INNER = 8;

/** LogUp by GKR fraction trees. Mirror: `verifyLookups`. */
export function proveLookups(context: ProverContext, shape: FractionShape, grinding: number): void {
  const { arena, channel } = context;
  const mark = arena.mark();
  channel.grind(grinding, context);
  const alpha = channel.sample();
  const beta = channel.sample();
  const { levels, ends } = buildTrees(context, shape.trees, alpha, beta);

  let claims = (levels[0] as Level[]).map(
    ({ p, q }): Fraction => [elementAt(arena, p, 1, 0), elementAt(arena, q, 1, 0)],
  );
  for (const root of claims) channel.send(root);
  channel.send([eInv(claims.map(([, q]) => q).reduce(eMul))]);

  const points: Ext[][] = [[]];
  for (let layer = 0; layer < shape.trees[0].logLeaves; layer++) {
    const level = levels[layer + 1];
    arena.release(ends[layer + 1] as number); // the levels above have been proven
    const next = proveLayer(context, level, claims.slice(0, level.length), points[layer]);
    claims = next.claims;
    points.push(next.point);
  }
  arena.release(mark);

  for (const { logLeaves, blocks } of shape.trees)
    for (const { logSize, columns, multiplicity } of blocks) {
      const blockPoint = points[logLeaves].slice(logLeaves - logSize);
      for (const column of columns) sendValue(context, column, blockPoint);
      if (multiplicity) sendValue(context, multiplicity, blockPoint);
    }
}

/** A value p/q. */
type Fraction = readonly [p: Ext, q: Ext];

/** One sumcheck over the next level of all trees that have one; claims and point after it. Mirror: `verifyLayer`. */
function proveLayer(
  context: ProverContext,
  levels: readonly (Level | Leaves)[],
  claims: readonly Fraction[],
  point: readonly Ext[],
): { claims: Fraction[]; point: Ext[] } {
  const { arena, channel } = context;
  const mark = arena.mark();
  const lambda = channel.sample();
  const pairs = levels.map((level) => levelSum(context, level, 2 ** point.length, lambda));
  // Tree k counts λ^(2k)·p + λ^(2k+1)·q.
  const square = eMul(lambda, lambda);
  const batch = (values: readonly Ext[]) =>
    values.reduceRight((sum, value) => eAdd(value, eMul(square, sum)), ZERO);
  let claim = batch(claims.map(([p, q]) => eAdd(p, eMul(lambda, q))));

  const inverses = invertAll(point);
  const logInner = Math.min(LOG_INNER, Math.max(0, point.length - 1));
  const lastEq = eqTable(context, point.slice(point.length - logInner));
  const challenges: Ext[] = [];
  point.forEach((tau, k) => {
    const inner = arena.mark();
    const rest = point.slice(k + 1);
    const log = Math.min(logInner, rest.length);
    const eq: FactoredEq = {
      outer: eqTable(context, rest.slice(0, rest.length - log)),
      inner: log === logInner ? lastEq : eqTable(context, rest),
      logInner: log,
    };
    const messages = pairs.map((pair) => pair.message(eq));
    arena.release(inner);
    const start = batch(messages.map(([value]) => value));
    // The claim is (1 − τ)·h(0) + τ·h(1).
    const round = {
      difference: eMul(eSub(claim, start), inverses[k]),
      square: batch(messages.map(([, value]) => value)),
    };
    channel.send([round.difference, round.square]);
    const r = channel.sample();
    claim = nextClaim(extArithmetic, claim, round, r, tau);
    challenges.push(r);
    for (const pair of pairs) pair.bind(r);
  });
  const halves = pairs.map((pair) => pair.values());
  for (const values of halves) channel.send(values);
  arena.release(mark);
  const split = channel.sample();
  const between = (a: Ext, b: Ext) => eAdd(a, eMul(split, eSub(b, a)));
  return {
    claims: halves.map(([p0, p1, q0, q1]) => [between(p0, p1), between(q0, q1)]),
    point: [split, ...challenges],
  };
}

/**
 * All trees' levels by their distance from the root, and where each ends in memory. The leaves come first and the
 * roots last, so that what has been proven is freed from the end.
 */
function buildTrees(context: ProverContext, trees: readonly FractionTree[], alpha: Ext, beta: Ext) {
  const { arena } = context;
  const levels: (Level | Leaves)[][] = [];
  const ends: number[] = [];
  for (let log = trees[0].logLeaves; log >= 0; log--) {
    levels[log] = trees
      .filter(({ logLeaves }) => logLeaves >= log)
      .map((tree, k) => {
        if (tree.logLeaves === log) return leavesOf(context, tree, alpha, beta);
        const below = levels[log + 1][k];
        const above = { p: arena.alloc(5 * 2 ** log), q: arena.alloc(5 * 2 ** log) };
        combine(context, above, below, 2 ** (log + 1));
        return above;
      });
    ends[log] = arena.mark();
  }
  return { levels, ends };
}

/** The level above one of n fractions. */
function combine({ kernels }: ProverContext, { p, q }: Level, below: Level | Leaves, n: number): void {
  if ("p" in below) kernels.fractionLayer(p, q, below.p, below.q, n);
  else if (below.base === null) kernels.unitLayer(p, q, below.q, n);
  else kernels.fractionLayerBase(p, q, below.base, below.q, n);
}

/** Leaf i of a block: 1 (or −multiplicity) over α − fingerprint; unused leaves 0/1. */
function leavesOf(context: ProverContext, tree: FractionTree, alpha: Ext, beta: Ext): Leaves {
  const { arena, kernels } = context;
  const leaves = 2 ** tree.logLeaves;
  const used = tree.blocks.reduce((sum, { logSize }) => sum + 2 ** logSize, 0);
  const base = isUnit(tree) ? null : numeratorsOf(context, tree);
  const q = arena.alloc(5 * leaves);
  if (used < leaves) kernels.fill(q + 4 * used, leaves, leaves - used, allocExt(arena, ONE));
  for (const block of tree.blocks) {
    const size = 2 ** block.logSize;
    const start = q + 4 * block.offset;
    kernels.fill(start, leaves, size, allocExt(arena, eSub(alpha, eBase(block.tag))));
    let power = beta;
    for (const column of block.columns) {
      kernels.axpyBase(start, leaves, tableOf(context, column), size, allocExt(arena, eNeg(power)));
      power = eMul(power, beta);
    }
  }
  return { base, q };
}

function numeratorsOf(context: ProverContext, { blocks, logLeaves }: FractionTree): Ptr {
  const { arena } = context;
  const base = arena.alloc(2 ** logLeaves);
  const words = arena.u32(base, 2 ** logLeaves).fill(0);
  for (const { offset, logSize, multiplicity } of blocks) {
    const numerators = words.subarray(offset, offset + 2 ** logSize);
    if (multiplicity) {
      const counts = arena.u32(tableOf(context, multiplicity), 2 ** logSize);
      for (let i = 0; i < counts.length; i++) numerators[i] = neg(counts[i] as number);
    } else numerators.fill(1);
  }
  return base;
}
