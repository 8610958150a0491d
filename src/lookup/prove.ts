import {
  allocExt,
  elementAt,
  eqTable,
  type ProverContext,
  readExt,
  sendValue,
  tableOf,
  writeExt,
} from "../air/proverContext.ts";
import { eBase, eInv, eMul, eNeg, eSub, type Ext, ONE, ZERO, eAdd } from "../field/ext.ts";
import { neg } from "../field/m31.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { FractionShape, FractionTree } from "./fractionShape.ts";

/** A level of the fraction tree: 2^log numerators and denominators, extension vectors. */
interface Level {
  readonly p: Ptr;
  readonly q: Ptr;
}

/** LogUp by GKR fraction trees. Mirror: `verifyLookups`. */
export function proveLookups(context: ProverContext, shape: FractionShape, grinding: number): void {
  const { arena, channel } = context;
  const mark = arena.mark();
  channel.grind(grinding, context);
  const alpha = channel.sample();
  const beta = channel.sample();
  const trees = shape.trees.map((tree) => buildTree(context, tree, alpha, beta));

  const roots = trees.map(([{ p, q }]) => [elementAt(arena, p, 1, 0), elementAt(arena, q, 1, 0)] as const);
  for (const root of roots) channel.send(root);
  channel.send([eInv(roots.map(([, q]) => q).reduce(eMul))]);

  const points: Ext[][] = [[]];
  for (let layer = 0; layer < shape.trees[0].logLeaves; layer++) {
    const levels = trees.filter((tree) => tree.length > layer + 1).map((tree) => tree[layer + 1]);
    points.push(proveLayer(context, levels, points[layer]));
  }
  arena.release(mark);

  for (const { logLeaves, blocks } of shape.trees)
    for (const { logSize, columns, multiplicity } of blocks) {
      const blockPoint = points[logLeaves].slice(logLeaves - logSize);
      for (const column of columns) sendValue(context, column, blockPoint);
      if (multiplicity) sendValue(context, multiplicity, blockPoint);
    }
}

/** One sumcheck over the next level of all trees that have one; returns the new point. Mirror: `verifyLayer`. */
function proveLayer(context: ProverContext, levels: readonly Level[], point: readonly Ext[]): Ext[] {
  const { arena, channel, kernels } = context;
  const mark = arena.mark();
  const lambda = channel.sample();
  const lambdaPtr = allocExt(arena, lambda);
  const square = eMul(lambda, lambda);
  const message = arena.alloc(10);
  const challenge = arena.alloc(5);
  let size = 2 ** point.length;
  let pairs = levels;
  const challenges: Ext[] = [];
  for (let k = 0; k < point.length; k++, size /= 2) {
    const weights = eqTable(context, point.slice(k + 1));
    // Tree k counts λ^(2k)·p + λ^(2k+1)·q.
    const [first, second] = pairs.reduceRight<readonly [Ext, Ext]>(
      ([a, b], { p, q }) => {
        kernels.fractionRound(message, weights, p, q, size, lambdaPtr);
        return [
          eAdd(readExt(arena, message), eMul(square, a)),
          eAdd(readExt(arena, message + 20), eMul(square, b)),
        ];
      },
      [ZERO, ZERO],
    );
    channel.send([first, second]);
    const r = channel.sample();
    challenges.push(r);
    writeExt(arena, challenge, r);
    pairs = pairs.map(({ p, q }) => ({
      p: bindPair(context, p, size, challenge),
      q: bindPair(context, q, size, challenge),
    }));
  }
  for (const { p, q } of pairs)
    channel.send([
      elementAt(arena, p, 2, 0),
      elementAt(arena, p, 2, 1),
      elementAt(arena, q, 2, 0),
      elementAt(arena, q, 2, 1),
    ]);
  arena.release(mark);
  return [channel.sample(), ...challenges];
}

/** Binds the top variable of both halves of a pair. */
function bindPair({ arena, kernels }: ProverContext, pair: Ptr, size: number, challenge: Ptr): Ptr {
  const bound = arena.alloc(5 * size);
  kernels.bindExt(bound, pair, 2, size, challenge);
  return bound;
}

/** All levels, root first. Leaf i of a block: 1 (or −multiplicity) over α − fingerprint; unused leaves 0/1. */
function buildTree(context: ProverContext, tree: FractionTree, alpha: Ext, beta: Ext): Level[] {
  const { arena, kernels } = context;
  const leaves = 2 ** tree.logLeaves;
  const p = arena.alloc(5 * leaves);
  const q = arena.alloc(5 * leaves);
  arena.u32(p, 5 * leaves).fill(0);
  kernels.fill(q, leaves, leaves, allocExt(arena, ONE));
  for (const block of tree.blocks) {
    const size = 2 ** block.logSize;
    const numerators = arena.u32(p + 4 * block.offset, size);
    if (block.multiplicity) {
      const counts = arena.u32(tableOf(context, block.multiplicity), size);
      for (let i = 0; i < size; i++) numerators[i] = neg(counts[i] as number);
    } else numerators.fill(1);
    const start = q + 4 * block.offset;
    kernels.fill(start, leaves, size, allocExt(arena, eSub(alpha, eBase(block.tag))));
    let power = beta;
    for (const column of block.columns) {
      kernels.axpyBase(start, leaves, tableOf(context, column), size, allocExt(arena, eNeg(power)));
      power = eMul(power, beta);
    }
  }
  const levels: Level[] = [{ p, q }];
  for (let size = leaves; size > 1; size /= 2) {
    const below = levels[0] as Level;
    const above = { p: arena.alloc((5 * size) / 2), q: arena.alloc((5 * size) / 2) };
    const combine = size === leaves ? kernels.fractionLayerBase : kernels.fractionLayer;
    combine.call(kernels, above.p, above.q, below.p, below.q, size);
    levels.unshift(above);
  }
  return levels;
}
