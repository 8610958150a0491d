import { allocExt, elementAt, eqTable, type ProverContext, readExt, sendValue, tableOf, writeExt } from "../air/proverContext.ts";
import { eBase, eInv, eMul, eNeg, eSub, type Ext, ONE } from "../field/ext.ts";
import { neg } from "../field/m31.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { FractionShape } from "./fractionShape.ts";

/** A level of the fraction tree: 2^log numerators and denominators, extension vectors. */
interface Level {
  readonly p: Ptr;
  readonly q: Ptr;
}

/** LogUp by a GKR fraction tree. Mirror: `verifyLookups`. */
export function proveLookups(context: ProverContext, shape: FractionShape, grinding: number): void {
  const { arena, channel } = context;
  const mark = arena.mark();
  channel.grind(grinding, context);
  const alpha = channel.sample();
  const beta = channel.sample();
  const levels = buildTree(context, shape, alpha, beta);

  const root = elementAt(arena, (levels[0] as Level).q, 1, 0);
  channel.send([root, eInv(root)]);

  let point: Ext[] = [];
  for (let layer = 0; layer < shape.logLeaves; layer++) {
    const inner = arena.mark();
    const lambda = allocExt(arena, channel.sample());
    const message = arena.alloc(10);
    const challenge = arena.alloc(5);
    let { p, q } = levels[layer + 1] as Level;
    let size = 2 ** layer;
    const challenges: Ext[] = [];
    for (let k = 0; k < layer; k++, size /= 2) {
      context.kernels.fractionRound(message, eqTable(context, point.slice(k + 1)), p, q, size, lambda);
      channel.send([readExt(arena, message), readExt(arena, message + 20)]);
      const r = channel.sample();
      challenges.push(r);
      writeExt(arena, challenge, r);
      p = bindPair(context, p, size, challenge);
      q = bindPair(context, q, size, challenge);
    }
    channel.send([elementAt(arena, p, 2, 0), elementAt(arena, p, 2, 1), elementAt(arena, q, 2, 0), elementAt(arena, q, 2, 1)]);
    point = [channel.sample(), ...challenges];
    arena.release(inner);
  }
  arena.release(mark);

  for (const block of shape.blocks) {
    const blockPoint = point.slice(shape.logLeaves - block.logSize);
    for (const column of block.columns) sendValue(context, column, blockPoint);
    if (block.multiplicity) sendValue(context, block.multiplicity, blockPoint);
  }
}

/** Binds the top variable of both halves of a pair. */
function bindPair({ arena, kernels }: ProverContext, pair: Ptr, size: number, challenge: Ptr): Ptr {
  const bound = arena.alloc(5 * size);
  kernels.bindExt(bound, pair, 2, size, challenge);
  return bound;
}

/** All levels, root first. Leaf i of a block: 1 (or −multiplicity) over α − fingerprint; unused leaves 0/1. */
function buildTree(context: ProverContext, shape: FractionShape, alpha: Ext, beta: Ext): Level[] {
  const { arena, kernels } = context;
  const leaves = 2 ** shape.logLeaves;
  const p = arena.alloc(5 * leaves);
  const q = arena.alloc(5 * leaves);
  arena.u32(p, 5 * leaves).fill(0);
  kernels.fill(q, leaves, leaves, allocExt(arena, ONE));
  for (const block of shape.blocks) {
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

