import { nextClaim } from "../sumcheck/round.ts";
import type { Tensor } from "./air.ts";
import { factorPoint, HALF, planClaim, type SumcheckGroup, slicePoint } from "./plan.ts";
import { receiveValue, type VerifierContext } from "./verifierContext.ts";

/** Reduces every claim on the virtual tensor to claims on its factors. Mirror: `proveClaims`. */
export function verifyClaims<E, R, I>(context: VerifierContext<E, R, I>, virtual: Tensor): void {
  const { channel, claims } = context;
  const plan = planClaim(virtual);
  for (const { point, value } of claims.of(virtual)) {
    const output = slicePoint(virtual.logs, point);
    const half = channel.constant(HALF);
    let rest = value;
    for (const { coefficient, factors } of plan.direct) {
      const values = factors.map((factor) =>
        receiveValue(context, factor.tensor, factorPoint(factor, output, [], half)),
      );
      rest = channel.sub(
        rest,
        channel.scale(
          values.reduce((a, b) => channel.mul(a, b), channel.constant(1)),
          coefficient,
        ),
      );
    }
    plan.groups.forEach((group, k) => {
      const last = k === plan.groups.length - 1;
      const sum = last ? rest : (channel.receive(1)[0] as E);
      rest = channel.sub(rest, sum);
      verifyGroup(context, virtual, group, output, sum);
    });
    if (plan.groups.length === 0) channel.expectZero(rest, `claim/${virtual.name}`);
  }
}

/** Error: 3 per round over |E| (degree 2, times eq). */
function verifyGroup<E, R, I>(
  context: VerifierContext<E, R, I>,
  virtual: Tensor,
  group: SumcheckGroup,
  output: readonly E[][],
  sum: E,
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
  for (const { coefficient, a, b } of group.products)
    claim = channel.sub(claim, channel.scale(channel.mul(values[a] as E, values[b] as E), coefficient));
  channel.expectZero(claim, `sumcheck/${virtual.name}`);
}
