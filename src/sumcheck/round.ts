import type { Arithmetic } from "../hash/channel.ts";

/** 1/2 in M31. */
const HALF = 2 ** 30;

/** One sumcheck message: the round polynomial h of degree 2 but for h(0), which the claim fixes. */
export interface Round<E> {
  /** h(1) − h(0). */
  readonly difference: E;
  /** The coefficient of X². */
  readonly square: E;
}

/**
 * The claim after a round. Before it, claim = h(0) + h(1); or, for a variable that is weighted by
 * eq(τ, ·) and with that factor taken out of h (Gruen, eprint 2024/108, §3), claim =
 * (1 − τ)·h(0) + τ·h(1). Returns h(r). Error of a round: 2/|E| (Schwartz–Zippel, degree 2).
 *
 * @example
 * ```ts
 * const [difference, square] = channel.receive(2);
 * claim = nextClaim(channel, claim, { difference, square }, channel.sample());
 * ```
 */
export function nextClaim<E>(field: Arithmetic<E>, claim: E, round: Round<E>, r: E, tau?: E): E {
  const { difference, square } = round;
  const start =
    tau === undefined
      ? field.scale(field.sub(claim, difference), HALF)
      : field.sub(claim, field.mul(tau, difference));
  const slope = field.sub(difference, square);
  return field.add(start, field.mul(r, field.add(slope, field.mul(r, square))));
}
