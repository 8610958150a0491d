/**
 * A claim on an oracle: the multilinear extension of the aligned block of 2^k cells at `offset`, k =
 * point.length, takes `value` at `point` (most significant variable first).
 *
 * @example
 * ```ts
 * // The 8 cells 16..23 of oracle 0, at a point of three coordinates:
 * const claim: Claim<Ext> = { oracle: 0, offset: 16, point: [a, b, c], value };
 * ```
 */
export interface Claim<E> {
  /** Index into the opening's oracles. */
  readonly oracle: number;
  /** In cells; a multiple of 2^point.length. Public: never from the proof. */
  readonly offset: number;
  readonly point: readonly E[];
  readonly value: E;
}
