import type { Ext } from "../field/ext.ts";
import { ONE } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import type { ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { lineDomainPoint } from "../poly/lineDomain.ts";
import { linePowers } from "../poly/lineWeight.ts";
import { checkShape } from "./checkShape.ts";
import type { Claim } from "./claim.ts";
import { readRows } from "./code.ts";
import { restrictTerm, termsOf } from "./columns.ts";
import { powers } from "./combine.ts";
import { commitRound, type Encoded, type SentOracle, type WhirProver } from "./commit.ts";
import { evaluateVector } from "./columnsAt.ts";
import { addTerms, scaleTerms } from "./expandWeight.ts";
import { foldOracle } from "./foldOracle.ts";
import { getVector, zeroVector } from "./memory.ts";
import { ProductTable, proveFold } from "./productTable.ts";
import { samplePoint } from "./receiveOracle.ts";
import type { RoundShape, WhirShape } from "./shape.ts";
import type { WeightTerm } from "./weight.ts";

/**
 * Proves the opening of several oracles at once: mirror of `verifyOpening`, step by step. `oracles` in
 * the order of shape.oracles, each sent or recalled on this channel. The arena is left as it was.
 *
 * @example
 * ```ts
 * const channel = new ProverChannel();
 * const oracle = sendOracle(channel, shape, 0, commitOracle(prover, values, shape.oracles[0]!));
 * proveOpening(prover, channel, shape, [oracle], [{ oracle: 0, blocks: [{ offset: 0, weight: one }], point, value }]);
 * const proof = channel.finish();
 * ```
 */
export function proveOpening(
  prover: WhirProver,
  channel: ProverChannel,
  shape: WhirShape,
  oracles: readonly SentOracle[],
  claims: readonly Claim<Ext>[],
): void {
  checkShape(shape, oracles.length, claims);
  const { arena } = prover;
  const mark = arena.mark();
  const allTerms = termsOf(extArithmetic, shape, oracles, claims);
  const first = shape.rounds[0] as RoundShape;

  // Batch all claims, and fold every oracle by itself.
  channel.grind(shape.batchGrinding, prover);
  const coefficients = powers(extArithmetic, channel.sample(), allTerms.length);
  const stack = zeroVector(prover, 2 ** first.logSize);
  const folds = shape.oracles.map((oracle, j) => {
    const mine = allTerms.flatMap(({ oracle, terms }, i) =>
      oracle === j ? terms.map((term) => ({ term, coefficient: coefficients[i] as Ext })) : [],
    );
    const { outOfDomainColumns } = oracles[j] as SentOracle;
    const offset = shape.residueOffsets[j] as number;
    const residue = stack + 4 * offset;
    const challenges = foldOracle(
      prover,
      channel,
      oracle,
      oracles[j] as SentOracle,
      mine.map((own, k) => (k === 0 ? { ...own, known: outOfDomainColumns } : own)),
      residue,
      2 ** first.logSize,
    );
    const terms = mine.map(({ term, coefficient }) =>
      place(restrictTerm(extArithmetic, term, coefficient, challenges), offset),
    );
    return { challenges, terms };
  });

  // The stack of all residues: its commitment, then the queries that tie it to every oracle.
  let hand = sendRound(prover, channel, stack, first);
  channel.grind(shape.queryGrinding, prover);
  const answers = shape.oracles.flatMap(({ logSize, logFold, queries }, j) =>
    sendQueries(channel, (oracles[j] as SentOracle).committed, {
      log: logSize - logFold,
      queries,
      offset: shape.residueOffsets[j] as number,
    }),
  );
  let v = stack;
  let w = zeroVector(prover, 2 ** first.logSize);
  batch(prover, channel, w, first.logSize, [...folds.map(({ terms }) => terms), hand.terms, ...answers]);

  // Fold, commit, query; the last polynomial goes out in clear.
  shape.rounds.forEach(({ logSize, logFold, queries, foldGrinding, queryGrinding }, i) => {
    const table = new ProductTable(prover, v, w, 2 ** logSize);
    proveFold(prover, channel, table, logFold, foldGrinding);
    v = table.v;
    w = table.w;
    const { committed } = hand;
    const log = logSize - logFold;
    const entries: WeightTerm<Ext>[][] = [[]];
    const next = shape.rounds[i + 1];
    if (next) {
      hand = sendRound(prover, channel, v, next);
      entries.push(hand.terms);
    } else channel.send(getVector(arena, v, 2 ** shape.logFinal));
    channel.grind(queryGrinding, prover);
    entries.push(...sendQueries(channel, committed, { log, queries, offset: 0 }));
    batch(prover, channel, w, log, entries);
  });

  proveFold(prover, channel, new ProductTable(prover, v, w, 2 ** shape.logFinal), shape.logFinal, 0);
  arena.release(mark);
}

/** Commits the polynomial in hand and answers its out-of-domain sample. */
function sendRound(
  prover: WhirProver,
  channel: ProverChannel,
  values: Ptr,
  shape: RoundShape,
): { committed: Encoded; terms: WeightTerm<Ext>[] } {
  const committed = commitRound(prover, values, shape);
  channel.sendRoot(committed.root);
  const point = samplePoint(channel, shape.logSize);
  channel.send([evaluateVector(prover, values, point)]);
  return { committed, terms: [{ coefficient: ONE, kind: "eq", offset: 0, point }] };
}

/** Opens random rows; the terms of each as a claim on the polynomial in hand. */
function sendQueries(
  channel: ProverChannel,
  { tree, code }: Encoded,
  { log, queries, offset }: { log: number; queries: number; offset: number },
): WeightTerm<Ext>[][] {
  const logRows = tree.logLeaves;
  const indices = Array.from({ length: queries }, () => channel.sampleIndex(logRows));
  channel.sendOpenings(tree, indices, readRows(code, indices));
  return indices.map((index) => {
    const point = linePowers(extArithmetic, extArithmetic.constant(lineDomainPoint(index, logRows)), log);
    return [{ coefficient: ONE, kind: "line", offset, point }];
  });
}

/** Adds Σ γ^i·(weight of entry i) to a weight vector of 2^variables. */
function batch(
  prover: WhirProver,
  channel: ProverChannel,
  weight: Ptr,
  variables: number,
  entries: readonly (readonly WeightTerm<Ext>[])[],
): void {
  const coefficients = powers(extArithmetic, channel.sample(), entries.length);
  addTerms(
    prover,
    weight,
    variables,
    entries.flatMap((terms, i) => scaleTerms(terms, coefficients[i] as Ext)),
  );
}

/** The term on the polynomial in which its own is the aligned block at `offset`. */
function place(term: WeightTerm<Ext>, offset: number): WeightTerm<Ext> {
  return { ...term, offset: offset + term.offset };
}
