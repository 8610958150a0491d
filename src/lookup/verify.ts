import type { ProofChannel } from "../hash/channel.ts";
import { receiveValue, type VerifierContext } from "../air/verifierContext.ts";
import { eqIndex } from "../poly/eq.ts";
import { nextClaim } from "../sumcheck/round.ts";
import type { FractionShape, FractionTree } from "./fractionShape.ts";
import { fingerprint } from "./fingerprint.ts";

/** A tree's value p/q at the current layer and point. */
interface Fraction<E> {
  readonly p: E;
  readonly q: E;
}

/**
 * LogUp (eprint 2022/1530) by GKR fraction trees (eprint 2023/1284, §3): the looked-up tuples and
 * the tables' rows, with multiplicities, agree as multisets iff Σ numerator/denominator = 0. Ends in
 * claims on the entries, table columns and multiplicities. The challenges come after every commitment.
 * Error: leaves·(arity + 1)/|E| for α and β, 3/|E| per sumcheck round,
 * (2·trees − 1)/|E| per batching, 1/|E| per split.
 * Mirror: `proveLookups`.
 *
 * @example
 * ```ts
 * const context = { channel, inputs: {}, claims: new ClaimStore() };
 * verifyLookups(context, fractionShape(air), 0); // context.claims now holds what the columns must be at a point
 * ```
 */
export function verifyLookups<E, R, I>(
  context: VerifierContext<E, R, I>,
  shape: FractionShape,
  grinding: number,
): void {
  const { channel } = context;
  channel.grind(grinding, "lookup/grinding");
  const alpha = channel.sample();
  const beta = channel.sample();

  // The roots p/q add up to 0: Σ p·Π(other q) = 0 and Π q ≠ 0, shown by its inverse.
  let claims = shape.trees.map(() => {
    const [p, q] = channel.receive(2) as [E, E];
    return { p, q };
  });
  const total = claims.reduce((sum, { p, q }) => ({
    p: channel.add(channel.mul(sum.p, q), channel.mul(p, sum.q)),
    q: channel.mul(sum.q, q),
  }));
  const [inverse] = channel.receive(1) as [E];
  channel.expectZero(total.p, "lookup/sum");
  channel.expectZero(channel.sub(channel.mul(total.q, inverse), channel.constant(1)), "lookup/root");

  const points: E[][] = [[]];
  const atLeaves: Fraction<E>[] = [];
  for (let layer = 0; ; layer++) {
    // Trees shrink: the ones that end here are the last of those that are left.
    const left = shape.trees.filter(({ logLeaves }) => logLeaves > layer).length;
    claims.slice(left).forEach((claim, k) => {
      atLeaves[left + k] = claim;
    });
    if (left === 0) break;
    const next = verifyLayer(channel, claims.slice(0, left), points[layer]);
    claims = next.claims;
    points.push(next.point);
  }
  shape.trees.forEach((tree, k) => {
    verifyLeaves(context, tree, atLeaves[k], points[tree.logLeaves], { alpha, beta });
  });
}

/** A root-to-leaf step of all trees at one point: p = p0·q1 + p1·q0, q = q0·q1. Mirror: `proveLayer`. */
function verifyLayer<E, R, I>(
  channel: ProofChannel<E, R, I>,
  claims: readonly Fraction<E>[],
  point: readonly E[],
) {
  const lambda = channel.sample();
  const batch = (fractions: readonly Fraction<E>[]) =>
    fractions.reduceRight((sum, { p, q }) => {
      const tail = channel.add(q, channel.mul(lambda, sum));
      return channel.add(p, channel.mul(lambda, tail));
    }, channel.constant(0));
  let claim = batch(claims);
  const challenges = point.map((tau) => {
    const [difference, square] = channel.receive(2) as [E, E];
    const r = channel.sample();
    claim = nextClaim(channel, claim, { difference, square }, r, tau);
    return r;
  });
  const halves = claims.map(() => channel.receive(4) as [E, E, E, E]);
  const products = halves.map(([p0, p1, q0, q1]) => ({
    p: channel.add(channel.mul(p0, q1), channel.mul(p1, q0)),
    q: channel.mul(q0, q1),
  }));
  channel.expectZero(channel.sub(claim, batch(products)), "lookup/layer");
  const split = channel.sample();
  const between = (a: E, b: E) => channel.add(a, channel.mul(split, channel.sub(b, a)));
  return {
    claims: halves.map(([p0, p1, q0, q1]) => ({ p: between(p0, p1), q: between(q0, q1) })),
    point: [split, ...challenges],
  };
}

/** The leaves at `point`: Σ_blocks [in block]·(the fraction of the block's columns), and 0/1 elsewhere. */
function verifyLeaves<E, R, I>(
  context: VerifierContext<E, R, I>,
  { blocks, logLeaves }: FractionTree,
  { p, q }: Fraction<E>,
  point: readonly E[],
  { alpha, beta }: { readonly alpha: E; readonly beta: E },
): void {
  const { channel } = context;
  let numerator = p;
  let denominator = channel.sub(q, channel.constant(1));
  for (const { offset, logSize, tag, columns, multiplicity } of blocks) {
    const weight = eqIndex(channel, point.slice(0, logLeaves - logSize), offset / 2 ** logSize);
    const blockPoint = point.slice(logLeaves - logSize);
    const tuple = columns.map((column) => receiveValue(context, column, blockPoint));
    const top = multiplicity
      ? channel.sub(channel.constant(0), receiveValue(context, multiplicity, blockPoint))
      : channel.constant(1);
    numerator = channel.sub(numerator, channel.mul(weight, top));
    const bottom = channel.sub(alpha, fingerprint(channel, beta, tag, tuple));
    denominator = channel.sub(denominator, channel.mul(weight, channel.sub(bottom, channel.constant(1))));
  }
  channel.expectZero(numerator, "lookup/numerators");
  channel.expectZero(denominator, "lookup/denominators");
}
