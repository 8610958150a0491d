/** An aligned block of an oracle, and how often a claim counts it. */
export interface ClaimBlock<E> {
  /** In cells; a multiple of the block's size. Public: never from the proof. */
  readonly offset: number;
  readonly weight: E;
}

/**
 * A claim on an oracle: Σ over aligned blocks of 2^k cells, k = point.length, of the block's weight times its
 * multilinear extension at `point` (most significant variable first) is `value`.
 *
 * @example
 * ```ts
 * // The 8 cells 16..23 of oracle 0, at a point of three coordinates:
 * const claim: Claim<Ext> = { oracle: 0, blocks: [{ offset: 16, weight: ONE }], point: [a, b, c], value };
 * ```
 */
export interface Claim<E> {
  /** Index into the opening's oracles. */
  readonly oracle: number;
  readonly blocks: readonly ClaimBlock<E>[];
  readonly point: readonly E[];
  readonly value: E;
}
