import { DEGREE, type Ext } from "../field/ext.ts";
import { extArithmetic } from "../hash/extArithmetic.ts";
import { MerkleTree } from "../hash/merkleTree.ts";
import type { OpenTree, Prover, ProverChannel } from "../hash/proverChannel.ts";
import { derivePoint } from "../hash/transcript.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqTable } from "../poly/eq.ts";
import { lineDomainTwiddles } from "../poly/lineDomain.ts";
import { type Code, CodeTable } from "./code.ts";
import { columnGroups, wholeTerm } from "./columns.ts";
import { columnsAt, type GroupValues } from "./columnsAt.ts";
import { expectKind, type OutOfDomain, samplePoint } from "./receiveOracle.ts";
import { copyWords, getVector } from "./memory.ts";
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

/** A table's code and the tree over it; they must outlive the opening. */
export interface Encoded {
  readonly root: Uint32Array;
  /** A leaf for each row of the code. */
  readonly tree: OpenTree;
  readonly code: Code;
}

/** A committed table that can be folded. */
export interface Committed extends Encoded {
  /** In whose memory the table lies, and is folded: not always the one that opens it. */
  readonly prover: Prover;
  /** The caller's table; it must outlive the opening. */
  readonly values: Ptr;
}

/**
 * Commits a base table of `columns`·2^(logSize − logFold) words, interleaved in groups of columns; the columns up
 * to 2^logFold are zero. Allocates codeword and tree, in the memory of `coder`.
 *
 * @example
 * ```ts
 * const prover = createWhirProver(createKernels(), maxLogDomain(shape));
 * const committed = commitOracle(prover, values, shape.oracles[0]!);
 * const oracle = sendOracle(channel, shape, 0, committed);
 * proveOpening(prover, channel, shape, [oracle], claims);
 * ```
 */
export function commitOracle(
  prover: WhirProver,
  values: Ptr,
  shape: OracleShape,
  coder: WhirProver = prover,
): Committed {
  const { logSize, logFold, logInvRate, columns } = shape;
  const code = commitColumns(coder, columns, shape, (codeword) => {
    const logRows = logSize - logFold;
    for (const { first, log } of columnGroups(columns)) {
      const step = Math.min(2 ** log, GATHERED);
      const size = step * 2 ** logRows;
      for (let c = 0; c < 2 ** log; c += step) {
        const marks = [prover.arena.mark(), coder.arena.mark()] as const;
        const gathered = prover.arena.alloc(size);
        prover.kernels.gather(
          gathered,
          values + 4 * (first * 2 ** logRows + c),
          step,
          2 ** log,
          2 ** logRows,
        );
        const from = coder === prover ? gathered : copyWords(coder, prover, gathered, size);
        const to = codeword + 4 * (first + c) * 2 ** (logRows + logInvRate);
        coder.kernels.encode(to, from, step, logRows, logInvRate, coder.twiddles);
        prover.arena.release(marks[0]);
        if (coder !== prover) coder.arena.release(marks[1]);
      }
    }
  });
  return { ...code, prover, values };
}

/** Columns that are gathered at a time: few enough to be a small part of the whole. */
const GATHERED = 32;

/** Commits an extension vector of 2^logSize, its stored columns: coordinate j of column c is base column j·columns + c. */
export function commitRound(prover: WhirProver, values: Ptr, shape: RoundShape): Encoded {
  const { logSize, logFold, columns, logInvRate } = shape;
  const { kernels, twiddles } = prover;
  const logRows = logSize - logFold;
  return commitColumns(prover, DEGREE * columns, shape, (codeword) => {
    for (let j = 0; j < DEGREE; j++) {
      const to = codeword + 4 * j * columns * 2 ** (logRows + logInvRate);
      kernels.encode(to, values + 4 * j * 2 ** logSize, columns, logRows, logInvRate, twiddles);
    }
  });
}

function commitColumns(
  prover: WhirProver,
  columns: number,
  { logSize, logFold, logInvRate }: { logSize: number; logFold: number; logInvRate: number },
  encode: (codeword: Ptr) => void,
): Encoded {
  const { arena, logDomain } = prover;
  const logRows = logSize - logFold + logInvRate;
  if (logRows > logDomain)
    throw new RangeError(`commit: expected a domain of at most 2^${logDomain}, found 2^${logRows}`);
  const codeword = arena.alloc(columns * 2 ** logRows);
  encode(codeword);
  const tree = MerkleTree.build(prover, codeword, columns, logRows);
  const code = new CodeTable(arena, codeword, columns, logRows);
  return { root: tree.root(), tree, code };
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
  const value = extArithmetic.innerProduct(eqTable(extArithmetic, columns.point), outOfDomainColumns);
  return { committed, outOfDomain: { point, value }, outOfDomainColumns };
}
