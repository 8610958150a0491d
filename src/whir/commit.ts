import { DEGREE, type Ext } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import { MerkleTree } from "../hash/merkleTree.ts";
import type { OpenTree, Prover, ProverChannel } from "../hash/proverChannel.ts";
import { derivePoint } from "../hash/transcript.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqTable } from "../poly/eq.ts";
import { lineDomainTwiddles } from "../poly/lineDomain.ts";
import { type Code, CodeTable } from "./code.ts";
import { innerProduct } from "./combine.ts";
import { columnGroups, wholeTerm } from "./columns.ts";
import { columnsAt, type GroupValues } from "./columnsAt.ts";
import { expectKind, type OutOfDomain, samplePoint } from "./receiveOracle.ts";
import { getVector } from "./memory.ts";
import type { OracleShape, RoundShape, WhirShape } from "./shape.ts";

/** The kernels, their arena, and the encoder's twiddles in it. */
export interface WhirProver extends Prover {
  readonly twiddles: Ptr;
  readonly logDomain: number;
}

/** Puts the twiddles of all domains up to 2^logDomain into the arena: 4·2^logDomain bytes, for good. */
export function createWhirProver({ kernels, arena }: Prover, logDomain: number): WhirProver {
  const twiddles = arena.alloc(2 ** logDomain);
  arena.u32(twiddles, 2 ** logDomain).set(lineDomainTwiddles(logDomain));
  return { kernels, arena, twiddles, logDomain };
}

/** The largest domain that a prover of this shape needs. */
export function maxLogDomain(shape: WhirShape): number {
  return Math.max(...[...shape.oracles, ...shape.rounds].map((o) => o.logSize - o.logFold + o.logInvRate));
}

/** A committed table; it belongs to its prover's arena and must outlive the opening. */
export interface Committed {
  /** In whose memory it lies: not always the one that opens it. */
  readonly prover: WhirProver;
  readonly root: Uint32Array;
  /** A leaf for each row of the code. */
  readonly tree: OpenTree;
  readonly code: Code;
  /** The caller's table. */
  readonly values: Ptr;
}

/**
 * Commits a base table of `columns`·2^(logSize − logFold) words, interleaved in groups of columns; the columns up
 * to 2^logFold are zero. Allocates codeword and tree.
 *
 * @example
 * ```ts
 * const prover = createWhirProver(createKernels(), maxLogDomain(shape));
 * const committed = commitOracle(prover, values, shape.oracles[0]!);
 * const oracle = sendOracle(channel, shape, 0, committed);
 * proveOpening(prover, channel, shape, [oracle], claims);
 * ```
 */
export function commitOracle(prover: WhirProver, values: Ptr, shape: OracleShape): Committed {
  const { logSize, logFold, logInvRate, columns } = shape;
  return commitColumns(prover, values, columns, shape, (codeword) => {
    const logRows = logSize - logFold;
    for (const { first, log } of columnGroups(columns)) {
      const step = Math.min(2 ** log, GATHERED);
      for (let c = 0; c < 2 ** log; c += step) {
        const mark = prover.arena.mark();
        const columns = prover.arena.alloc(step * 2 ** logRows);
        prover.kernels.gather(columns, values + 4 * (first * 2 ** logRows + c), step, 2 ** log, 2 ** logRows);
        const to = codeword + 4 * (first + c) * 2 ** (logRows + logInvRate);
        prover.kernels.encode(to, columns, step, logRows, logInvRate, prover.twiddles);
        prover.arena.release(mark);
      }
    }
  });
}

/** Columns that are gathered at a time: few enough to be a small part of the whole. */
const GATHERED = 32;

/** Commits an extension vector of 2^logSize, its stored columns: coordinate j of column c is base column j·columns + c. */
export function commitRound(prover: WhirProver, values: Ptr, shape: RoundShape): Committed {
  const { logSize, logFold, columns, logInvRate } = shape;
  const { kernels, twiddles } = prover;
  const logRows = logSize - logFold;
  return commitColumns(prover, values, DEGREE * columns, shape, (codeword) => {
    for (let j = 0; j < DEGREE; j++) {
      const to = codeword + 4 * j * columns * 2 ** (logRows + logInvRate);
      kernels.encode(to, values + 4 * j * 2 ** logSize, columns, logRows, logInvRate, twiddles);
    }
  });
}

function commitColumns(
  prover: WhirProver,
  values: Ptr,
  columns: number,
  { logSize, logFold, logInvRate }: { logSize: number; logFold: number; logInvRate: number },
  encode: (codeword: Ptr) => void,
): Committed {
  const { arena, logDomain } = prover;
  const logRows = logSize - logFold + logInvRate;
  if (logRows > logDomain)
    throw new RangeError(`commit: expected a domain of at most 2^${logDomain}, found 2^${logRows}`);
  const codeword = arena.alloc(columns * 2 ** logRows);
  encode(codeword);
  const tree = MerkleTree.build(prover, codeword, columns, logRows);
  const code = new CodeTable(arena, codeword, columns, logRows);
  return { prover, root: tree.root(), tree, code, values };
}

/** An oracle ready to be opened: the prover's side of `ReceivedOracle`. */
export interface SentOracle {
  readonly committed: Committed;
  readonly outOfDomain: OutOfDomain<Ext>;
  /** (columns): each column's value at the last coordinates of the out-of-domain point. */
  readonly outOfDomainColumns: readonly Ext[];
}

/** Mirror of `receiveOracle`. */
export function sendOracle(
  channel: ProverChannel,
  shape: WhirShape,
  oracle: number,
  committed: Committed,
): SentOracle {
  const { logSize } = expectKind(shape, oracle, "transcript");
  channel.sendRoot(committed.root);
  const sent = evaluateAt(shape, oracle, committed, samplePoint(channel, logSize));
  channel.send([sent.outOfDomain.value]);
  return sent;
}

/**
 * Names an oracle of kind "root": its out-of-domain claim depends on nothing but the root, so it can be
 * made once, and its value is part of every statement about the oracle.
 */
export function nameOracle(shape: WhirShape, oracle: number, committed: Committed): SentOracle {
  const { logSize } = expectKind(shape, oracle, "root");
  return evaluateAt(shape, oracle, committed, derivePoint("ood", committed.root, logSize));
}

/** Mirror of `recallOracle`. */
export function recallSent(channel: ProverChannel, sent: SentOracle): SentOracle {
  channel.observeRoot(sent.committed.root);
  return sent;
}

function evaluateAt(shape: WhirShape, oracle: number, committed: Committed, point: Ext[]): SentOracle {
  const own = shape.oracles[oracle] as OracleShape;
  const { arena } = committed.prover;
  const mark = arena.mark();
  const { columns, rows } = wholeTerm(extArithmetic, own, point);
  const [groups] = columnsAt(committed, own, 0, [rows.point], 0) as [GroupValues[]];
  const outOfDomainColumns = groups.flatMap(({ log, values }) => getVector(arena, values, 2 ** log));
  arena.release(mark);
  const value = innerProduct(extArithmetic, eqTable(extArithmetic, columns.point), outOfDomainColumns);
  return { committed, outOfDomain: { point, value }, outOfDomainColumns };
}
