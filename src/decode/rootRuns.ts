/** Consecutive μ for which R[μ] and [μ ≥ 2^14] are the same. */
export interface RootRun {
  readonly first: number;
  readonly last: number;
  readonly root: number;
  readonly large: number;
}

/**
 * The rows of the `rsqrt` table: R falls so slowly that its 2^16 entries are a few thousand runs (4365 for
 * B = 17, the most), so a norm looks up its run and checks that μ lies within it.
 */
export function rootRuns(rsqrt: ArrayLike<number>): RootRun[] {
  const runs: RootRun[] = [];
  for (let mu = 0; mu < rsqrt.length; mu = runs[runs.length - 1].last + 1) runs.push(rootRunOf(rsqrt, mu));
  return runs;
}

/** The run of μ. */
export function rootRunOf(rsqrt: ArrayLike<number>, mu: number): RootRun {
  const root = rsqrt[mu];
  const large = Number(mu >= LARGE);
  let [first, last] = [mu, mu];
  while (first !== LARGE && rsqrt[first - 1] === root) first--;
  while (last + 1 !== LARGE && rsqrt[last + 1] === root) last++;
  return { first, last, root, large };
}

const LARGE = 2 ** 14;
