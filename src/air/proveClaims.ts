import { eAdd, eBase, eMul, type Ext, ONE, ZERO } from "../field/ext.ts";
import { mul } from "../field/m31.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Tensor } from "./air.ts";
import { partialEvaluate } from "./partialEvaluate.ts";
import { powers } from "../whir/combine.ts";
import { batchClaims } from "./batches.ts";
import { factorPoint, HALF, planClaims, type SumcheckGroup, slicePoint, weightOf } from "./plan.ts";
import {
  elementAt,
  eqTable,
  type ProverContext,
  readExt,
  sendClaim,
  sendValue,
  writeExt,
} from "./proverContext.ts";

const half = eBase(HALF);

/** Reduces every claim on a family of virtual tensors to claims on their factors. Mirror: `verifyClaims`. */
export function proveClaims(context: ProverContext, family: readonly Tensor[]): void {
  const { channel, claims } = context;
  for (const { point, members } of batchClaims(claims, family, (x) => x.join())) {
    const tensors = members.map(({ tensor }) => tensor);
    const plan = planClaims(tensors);
    const output = slicePoint((tensors[0] as Tensor).logs, point);
    for (const { factors } of plan.direct.flat())
      for (const factor of factors) sendValue(context, factor.tensor, factorPoint(factor, output, [], half));
    if (plan.groups.length === 0) continue;
    const gammas = members.length > 1 ? powers(extArithmetic, channel.sample(), members.length) : [ONE];
    plan.groups.forEach((group, k) => {
      proveGroup(context, group, output, gammas, k === plan.groups.length - 1);
    });
  }
}

/** One sumcheck; the sum itself is sent unless the verifier can derive it (`last`). Mirror: `verifyGroup`. */
function proveGroup(
  context: ProverContext,
  group: SumcheckGroup,
  output: readonly Ext[][],
  gammas: readonly Ext[],
  last: boolean,
): void {
  const { arena, channel, kernels } = context;
  const mark = arena.mark();
  let size = 2 ** group.variables;
  let tables = group.factors.map((factor) => partialEvaluate(context, factor, output, group));

  // eq(τ, ·) over the variables still to come; a plain variable's weight (1, 1) is 2·eq(½, ·).
  const taus = group.labels.flatMap(({ log, axis }) =>
    axis === null ? new Array<Ext>(log).fill(half) : (output[axis] as Ext[]),
  );
  const plain = group.labels.flatMap(({ log, axis }) => new Array<number>(log).fill(axis === null ? 2 : 1));
  const weights = (from: number) =>
    eqTable(context, taus.slice(from), eBase(plain.slice(from).reduce((a, b) => mul(a, b), 1)));

  const products = group.products.map((product) => ({
    ...product,
    coefficient: weightOf(extArithmetic, product, gammas),
  }));
  if (!last) channel.send([sumOf(context, products, tables, weights(0), size)]);

  const message = arena.alloc(10);
  const challenge = arena.alloc(5);
  const challenges: Ext[] = [];
  for (let round = 0; round < group.variables; round++, size /= 2) {
    const inner = arena.mark();
    const weight = weights(round + 1);
    let difference = ZERO;
    let square = ZERO;
    for (const { coefficient, a, b } of products) {
      kernels.eqProductRound(message, weight, tables[a] as Ptr, tables[b] as Ptr, size);
      difference = eAdd(difference, eMul(readExt(arena, message), coefficient));
      square = eAdd(square, eMul(readExt(arena, message + 20), coefficient));
    }
    arena.release(inner);
    channel.send([difference, square]);
    const r = channel.sample();
    challenges.push(r);
    writeExt(arena, challenge, r);
    tables = tables.map((table) => {
      const bound = arena.alloc((5 * size) / 2);
      kernels.bindExt(bound, table, 1, size, challenge);
      return bound;
    });
  }
  const slices = slicePoint(
    group.labels.map(({ log }) => log),
    challenges,
  );
  group.factors.forEach((factor, k) => {
    sendClaim(
      context,
      factor.tensor,
      factorPoint(factor, output, slices, half),
      elementAt(arena, tables[k] as Ptr, 1, 0),
    );
  });
  arena.release(mark);
}

/** Σ_i weight[i] · Σ coefficient·a[i]·b[i]; only for the groups before a claim's last, which are small. */
function sumOf(
  { arena }: ProverContext,
  terms: readonly { readonly coefficient: Ext; readonly a: number; readonly b: number }[],
  tables: readonly Ptr[],
  weight: Ptr,
  size: number,
): Ext {
  let sum = ZERO;
  for (let i = 0; i < size; i++) {
    let products = ZERO;
    for (const { coefficient, a, b } of terms) {
      const product = eMul(
        elementAt(arena, tables[a] as Ptr, size, i),
        elementAt(arena, tables[b] as Ptr, size, i),
      );
      products = eAdd(products, eMul(product, coefficient));
    }
    sum = eAdd(sum, eMul(elementAt(arena, weight, size, i), products));
  }
  return sum;
}
