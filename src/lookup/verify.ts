import { receiveValue, type VerifierContext } from "../air/verifierContext.ts";
import { eqIndex } from "../poly/eq.ts";
import { nextClaim } from "../sumcheck/round.ts";
import type { FractionShape } from "./fractionShape.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * LogUp (eprint 2022/1530) by a GKR fraction tree (eprint 2023/1284, §3): the looked-up tuples and
 * the tables' rows, with multiplicities, agree as multisets iff Σ numerator/denominator = 0. Ends in
 * claims on the entries, table columns and multiplicities. The challenges come after every commitment.
 * Error: (leaves · arity)/|E| for α and β, 3/|E| per sumcheck round, 1/|E| per batching and split.
 * Mirror: `proveLookups`.
 */
export function verifyLookups<E, R, I>(context: VerifierContext<E, R, I>, shape: FractionShape, grinding: number): void {
  const { channel } = context;
  channel.grind(grinding, "lookup/grinding");
  const alpha = channel.sample();
  const beta = channel.sample();

  // The root fraction is 0/q with q ≠ 0, shown by its inverse.
  const [denominatorRoot, inverse] = channel.receive(2) as [E, E];
  channel.expectZero(channel.sub(channel.mul(denominatorRoot, inverse), channel.constant(1)), "lookup/root");

  let point: E[] = [];
  let numerator = channel.constant(0);
  let denominator = denominatorRoot;
  for (let layer = 0; layer < shape.logLeaves; layer++) {
    const lambda = channel.sample();
    let claim = channel.add(numerator, channel.mul(lambda, denominator));
    const challenges = point.map((tau) => {
      const [difference, square] = channel.receive(2) as [E, E];
      const r = channel.sample();
      claim = nextClaim(channel, claim, { difference, square }, r, tau);
      return r;
    });
    const [p0, p1, q0, q1] = channel.receive(4) as [E, E, E, E];
    const cross = channel.add(channel.mul(p0, q1), channel.mul(p1, q0));
    const folded = channel.add(cross, channel.mul(lambda, channel.mul(q0, q1)));
    channel.expectZero(channel.sub(claim, folded), "lookup/layer");
    const split = channel.sample();
    numerator = channel.add(p0, channel.mul(split, channel.sub(p1, p0)));
    denominator = channel.add(q0, channel.mul(split, channel.sub(q1, q0)));
    point = [split, ...challenges];
  }

  // Leaves: Σ_blocks [in block]·(fraction of the block's columns), and 0/1 elsewhere.
  let used = channel.constant(0);
  for (const block of shape.blocks) {
    const weight = eqIndex(channel, point.slice(0, shape.logLeaves - block.logSize), block.offset / 2 ** block.logSize);
    const blockPoint = point.slice(shape.logLeaves - block.logSize);
    const columns = block.columns.map((column) => receiveValue(context, column, blockPoint));
    const top = block.multiplicity
      ? channel.sub(channel.constant(0), receiveValue(context, block.multiplicity, blockPoint))
      : channel.constant(1);
    numerator = channel.sub(numerator, channel.mul(weight, top));
    const bottom = channel.sub(alpha, fingerprint(channel, beta, block.tag, columns));
    denominator = channel.sub(denominator, channel.mul(weight, bottom));
    used = channel.add(used, weight);
  }
  channel.expectZero(numerator, "lookup/numerators");
  channel.expectZero(channel.sub(denominator, channel.sub(channel.constant(1), used)), "lookup/denominators");
}
