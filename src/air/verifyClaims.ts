import { powers } from "../whir/combine.ts";
import { nextClaim } from "../sumcheck/round.ts";
import type { Tensor } from "./air.ts";
import { batchClaims } from "./batches.ts";
import { factorPoint, HALF, planClaims, type SumcheckGroup, slicePoint, weightOf } from "./plan.ts";
import { receiveValue, type VerifierContext } from "./verifierContext.ts";

/** Reduces every claim on a family of virtual tensors to claims on their factors. Mirror: `proveClaims`. */
export function verifyClaims<E, R, I>(context: VerifierContext<E, R, I>, family: readonly Tensor[]): void {
  const { channel, claims } = context;
  for (const { point, members } of batchClaims(claims, family, (x) => channel.keyOf(x))) {
    const tensors = members.map(({ tensor }) => tensor);
    const plan = planClaims(tensors);
    const [virtual] = tensors as [Tensor];
    const output = slicePoint(virtual.logs, point);
    const half = channel.constant(HALF);
    const rests = members.map(({ value }, k) => {
      let rest = value;
      for (const { coefficient, factors } of plan.direct[k] ?? []) {
        const values = factors.map((factor) =>
          receiveValue(context, factor.tensor, factorPoint(factor, output, [], half)),
        );
        const product = values.reduce((a, b) => channel.mul(a, b), channel.constant(1));
        rest = channel.sub(rest, channel.scale(product, coefficient));
      }
      return rest;
    });
    if (plan.groups.length === 0) {
      rests.forEach((rest, k) => {
        channel.expectZero(rest, `claim/${members[k]?.tensor.name}`);
      });
      continue;
    }
    const gammas =
      members.length > 1 ? powers(channel, channel.sample(), members.length) : [channel.constant(1)];
    let rest = channel.innerProduct(gammas, rests);
    plan.groups.forEach((group, k) => {
      const last = k === plan.groups.length - 1;
      const sum = last ? rest : (channel.receive(1)[0] as E);
      rest = channel.sub(rest, sum);
      verifyGroup(context, virtual, group, output, sum, gammas);
    });
  }
}

/** Error: 3 per round over |E| (degree 2, times eq). */
function verifyGroup<E, R, I>(
  context: VerifierContext<E, R, I>,
  virtual: Tensor,
  group: SumcheckGroup,
  output: readonly E[][],
  sum: E,
  gammas: readonly E[],
): void {
  const { channel } = context;
  let claim = sum;
  const challenges = group.labels.map(({ log, axis }) =>
    Array.from({ length: log }, (_, k) => {
      const [difference, square] = channel.receive(2) as [E, E];
      const r = channel.sample();
      claim = nextClaim(
        channel,
        claim,
        { difference, square },
        r,
        axis === null ? undefined : output[axis]?.[k],
      );
      return r;
    }),
  );
  const half = channel.constant(HALF);
  const values = group.factors.map((factor) =>
    receiveValue(context, factor.tensor, factorPoint(factor, output, challenges, half)),
  );
  for (const product of group.products) {
    const value = channel.mul(values[product.a] as E, values[product.b] as E);
    claim = channel.sub(claim, channel.mul(weightOf(channel, product, gammas), value));
  }
  channel.expectZero(claim, `sumcheck/${virtual.name}`);
}
