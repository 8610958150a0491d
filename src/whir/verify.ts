import type { ProofChannel } from "../hash/channel.ts";
import { eqTable } from "../poly/eq.ts";
import { evaluate } from "../poly/evaluate.ts";
import { linePowers } from "../poly/lineWeight.ts";
import { nextClaim } from "../sumcheck/round.ts";
import type { Claim } from "./claim.ts";
import { checkShape } from "./checkShape.ts";
import { restrictTerm, termsOf } from "./columns.ts";
import { foldRow, powers } from "./combine.ts";
import { type ReceivedOracle, samplePoint } from "./receiveOracle.ts";
import type { WhirShape } from "./shape.ts";
import { Weight, type WeightTerm } from "./weight.ts";

/** A value and its weight on the polynomial in hand: one entry of a batch. */
interface Entry<E> {
  readonly value: E;
  readonly terms: readonly WeightTerm<E>[];
}

/**
 * Verifies the opening of several oracles at once (WHIR, eprint 2024/1586, §5, over the line-domain
 * code): `oracles` in the order of shape.oracles; all their out-of-domain claims and `claims` hold, or
 * the channel rejects. `proveOpening` is its mirror, step by step.
 *
 * Errors, per step: batching (claims − 1)/|E| plus the proximity term of the fold that follows; each
 * fold 2/|E| plus mutual correlated agreement (eprint 2025/2055, Theorem 4.6); each query phase (1 − δ)^queries,
 * less the grinding. The soundness calculator adds them up from the same shape.
 *
 * @example
 * ```ts
 * const verdict = runVerifier(proof, (channel) => {
 *   const oracle = receiveOracle(channel, shape, 0);
 *   verifyOpening(channel, shape, [oracle], [{ oracle: 0, blocks: [{ offset: 0, weight: one }], point, value }]);
 * });
 * ```
 */
export function verifyOpening<E, R, I>(
  channel: ProofChannel<E, R, I>,
  shape: WhirShape,
  oracles: readonly ReceivedOracle<E, R>[],
  claims: readonly Claim<E>[],
): void {
  checkShape(shape, oracles.length, claims);
  const allTerms = termsOf(channel, shape, oracles, claims);
  const weight = new Weight<E>();

  // Batch all claims, and fold every oracle by itself.
  channel.grind(shape.batchGrinding, "whir/batch grinding");
  const coefficients = powers(channel, channel.sample(), allTerms.length);
  const folds = shape.oracles.map(({ name, logFold, foldGrinding }, j) => {
    const mine = allTerms.flatMap(({ oracle, value, terms }, i) =>
      oracle === j ? [{ value, terms, coefficient: coefficients[i] as E }] : [],
    );
    const sum = channel.innerProduct(
      mine.map((m) => m.coefficient),
      mine.map((m) => m.value),
    );
    const folded = verifyFold(channel, sum, logFold, foldGrinding, `whir/${name}/fold grinding`);
    const restricted = mine.flatMap(({ terms, coefficient }) =>
      terms.map((term) =>
        place(restrictTerm(channel, term, coefficient, folded.challenges), shape.residueOffsets[j] as number),
      ),
    );
    return { ...folded, terms: restricted };
  });
  const challenges: E[] = [];

  // The stack of all residues: its commitment, then the queries that tie it to every oracle.
  let hand = receiveRound(channel, shape, 0);
  channel.grind(shape.queryGrinding, "whir/query grinding");
  const answers = shape.oracles.flatMap(({ name, logSize, logFold, logInvRate, columns, queries }, j) =>
    verifyQueries(channel, (oracles[j] as ReceivedOracle<E, R>).root, {
      name,
      log: logSize - logFold,
      logInvRate,
      words: columns,
      extension: false,
      queries,
      bound: (folds[j] as { challenges: E[] }).challenges,
      offset: shape.residueOffsets[j] as number,
    }),
  );
  const residues = folds.map(({ claim, terms }) => ({ value: claim, terms }));
  let claim = batch(channel, weight, (shape.rounds[0] as { logSize: number }).logSize, [
    ...residues,
    hand.entry,
    ...answers,
  ]);

  // Fold, commit, query; the last polynomial comes in clear.
  let final: E[] = [];
  shape.rounds.forEach((round, i) => {
    const { logSize, logFold, columns, logInvRate, queries, foldGrinding, queryGrinding } = round;
    const name = `round ${i}`;
    const folded = verifyFold(channel, claim, logFold, foldGrinding, `whir/${name}/fold grinding`);
    challenges.push(...folded.challenges);
    const { root } = hand;
    const entries: Entry<E>[] = [{ value: folded.claim, terms: [] }];
    if (i + 1 < shape.rounds.length) {
      hand = receiveRound(channel, shape, i + 1);
      entries.push(hand.entry);
    } else final = channel.receive(2 ** shape.logFinal);
    channel.grind(queryGrinding, `whir/${name}/query grinding`);
    const log = logSize - logFold;
    const words = 5 * columns;
    const bound = folded.challenges;
    entries.push(
      ...verifyQueries(channel, root, {
        name,
        log,
        logInvRate,
        words,
        extension: true,
        queries,
        bound,
        offset: 0,
      }),
    );
    claim = batch(channel, weight, log, entries);
  });

  const last = verifyFold(channel, claim, shape.logFinal, 0, "");
  challenges.push(...last.challenges);
  const value = channel.mul(evaluate(channel, final, last.challenges), weight.evaluate(channel, challenges));
  channel.expectZero(channel.sub(value, last.claim), "whir/final");
}

/** `rounds` sumcheck rounds of Σ v·w on the top variables: the challenges and the claim that is left. */
function verifyFold<E, R, I>(
  channel: ProofChannel<E, R, I>,
  claim: E,
  rounds: number,
  grinding: number,
  check: string,
) {
  const challenges: E[] = [];
  for (let i = 0; i < rounds; i++) {
    const [difference, square] = channel.receive(2) as [E, E];
    channel.grind(grinding, check);
    const r = channel.sample();
    claim = nextClaim(channel, claim, { difference, square }, r);
    challenges.push(r);
  }
  return { challenges, claim };
}

/** The root and the out-of-domain claim of the oracle of round i. */
function receiveRound<E, R, I>(
  channel: ProofChannel<E, R, I>,
  shape: WhirShape,
  i: number,
): { root: R; entry: Entry<E> } {
  const { logSize } = shape.rounds[i] as { logSize: number };
  const root = channel.receiveRoot();
  const point = samplePoint(channel, logSize);
  const [value] = channel.receive(1) as [E];
  return {
    root,
    entry: { value, terms: [{ coefficient: channel.constant(1), kind: "eq", offset: 0, point }] },
  };
}

/** What to query: an oracle of `words` words a row over D_(log + logInvRate), folded by `bound`; its residue lies at `offset`. */
interface QueryShape<E> {
  readonly name: string;
  readonly log: number;
  readonly logInvRate: number;
  readonly words: number;
  readonly extension: boolean;
  readonly queries: number;
  readonly bound: readonly E[];
  readonly offset: number;
}

/** Opens random rows; each, folded, is a claim on the polynomial in hand. */
function verifyQueries<E, R, I>(channel: ProofChannel<E, R, I>, root: R, query: QueryShape<E>): Entry<E>[] {
  const { name, log, logInvRate, words, extension, offset } = query;
  const eqColumns = eqTable(channel, query.bound).slice(0, extension ? words / 5 : words);
  const indices = Array.from({ length: query.queries }, () => channel.sampleIndex(log + logInvRate));
  const rows = channel.openRows(root, log + logInvRate, words, indices, `whir/${name}/row`);
  return indices.map((index, k) => {
    const row = rows[k] as E[];
    const point = linePowers(channel, channel.domainPoint(index, log + logInvRate), log);
    const value = foldRow(channel, eqColumns, row, extension);
    return { value, terms: [{ coefficient: channel.constant(1), kind: "line", offset, point }] };
  });
}

/** One claim for all: Σ γ^i·value_i, and the same sum of the weights on a polynomial of `variables`. */
function batch<E, R, I>(
  channel: ProofChannel<E, R, I>,
  weight: Weight<E>,
  variables: number,
  entries: readonly Entry<E>[],
): E {
  const coefficients = powers(channel, channel.sample(), entries.length);
  entries.forEach(({ terms }, i) => {
    for (const term of terms)
      weight.add(variables, { ...term, coefficient: channel.mul(coefficients[i] as E, term.coefficient) });
  });
  return channel.innerProduct(
    coefficients,
    entries.map((entry) => entry.value),
  );
}

/** The term on the polynomial in which its own is the aligned block at `offset`. */
function place<E>(term: WeightTerm<E>, offset: number): WeightTerm<E> {
  return { ...term, offset: offset + term.offset };
}
