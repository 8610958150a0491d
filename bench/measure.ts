import { extArithmetic } from "../src/hash/extArithmetic.ts";
import { ClaimStore } from "../src/air/claims.ts";
import { families } from "../src/air/batches.ts";
import { proveClaims } from "../src/air/proveClaims.ts";
import { relationVariables } from "../src/air/verify.ts";
import { matrixProducts } from "../src/decode/matrixProducts.ts";
import { SegmentRecorder, type SegmentRows } from "../src/decode/recorder.ts";
import { segmentWitness } from "../src/decode/segmentWitness.ts";
import { type Ext, ZERO } from "../src/field/ext.ts";
import { ProverChannel } from "../src/hash/proverChannel.ts";
import { createKernels } from "../src/kernels/createKernels.ts";
import { proveLookups } from "../src/lookup/prove.ts";
import { Decoder } from "../src/model/decoder.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { prepareSegment } from "../src/segment/prepareSegment.ts";
import { nextStatement, SegmentProver } from "../src/segment/prover.ts";
import { verifyChain } from "../src/segment/verify.ts";
import { statementWords } from "../src/segment/verifySegmentProof.ts";
import { commitOracle, recallSent, sendOracle } from "../src/whir/commit.ts";
import { proveOpening } from "../src/whir/open.ts";
import { peakBytes } from "./peakBytes.ts";

/** What to measure. */
export interface Case {
  readonly model: string;
  readonly logSegment: number;
  /** To which a checkpoint is quantized; its own if left out. */
  readonly capacity?: number;
  readonly segments: number;
  readonly threads: number;
  readonly stages?: boolean;
}

export interface Measured {
  readonly cells: number;
  readonly lookups: number;
  readonly createMs: number;
  /** Of each segment, in order. */
  readonly proveMs: readonly number[];
  readonly proofBytes: number;
  readonly verifyMs: number;
  /** Plain integer decode of the same tokens, per segment. */
  readonly decodeMs: number;
  /** Encoding and hashing the trace once. */
  readonly floorMs: number;
  readonly peakBytes: number;
  readonly stages: readonly (readonly [name: string, ms: number])[];
}

export function measure(model: IntegerModel, options: Case): Measured {
  const { logSegment, segments, threads } = options;
  const rows = decode(model, logSegment, segments);
  const decodeMs = plainDecode(model, segments * 2 ** logSegment) / segments;

  const started = performance.now();
  const prover = SegmentProver.create(model, { logSegment, promptLength: 1, threads });
  const createMs = performance.now() - started;
  const results = rows.map((segment) => prover.prove(segment));
  const proofs = results.map(({ proof }) => proof);
  const verifying = performance.now();
  const verdict = verifyChain(prover.session, proofs);
  const verifyMs = (performance.now() - verifying) / segments;
  if (!verdict.ok) throw new Error(`bench: expected a valid chain, found ${JSON.stringify(verdict)}`);
  const peak = peakBytes();
  const { cells } = results[0];
  const stages = options.stages ? measureStages(prover, rows[0]) : [];
  const measured: Measured = {
    cells,
    lookups: prover.key.protocol.fractions.leaves,
    createMs,
    proveMs: results.map((result) => result.proveMs),
    proofBytes: proofs[proofs.length - 1].length,
    verifyMs,
    decodeMs,
    floorMs: commitFloor(prover, rows[0]),
    peakBytes: peak,
    stages,
  };
  prover.close();
  return measured;
}

function decode(model: IntegerModel, logSegment: number, segments: number): SegmentRows[] {
  const decoder = new Decoder(model, createKernels());
  const recorder = new SegmentRecorder(model.config, logSegment);
  let token = 1;
  return Array.from({ length: segments }, () => {
    while (!recorder.isFull) {
      const choice = decoder.step(token, recorder.sink);
      recorder.push(token, choice);
      token = choice;
    }
    return recorder.take();
  });
}

/** Milliseconds of decoding without a proof in mind. */
function plainDecode(model: IntegerModel, tokens: number): number {
  const decoder = new Decoder(model, createKernels());
  const started = performance.now();
  for (let k = 0, token = 1; k < tokens; k++) token = decoder.step(token);
  return performance.now() - started;
}

const REPEATS = 3;

/** The first segment's preparation, from rows to laid out tables. */
function prepare({ key, session, genesis }: SegmentProver, rows: SegmentRows) {
  const size = 2 ** (key.protocol.layouts[1].logSize - 1);
  const empty = { keys: new Int32Array(size), values: new Int32Array(size) };
  const witness = segmentWitness(key.model, key.protocol.air, rows, empty, session);
  return {
    witness,
    finish: () =>
      prepareSegment(
        key,
        session,
        witness,
        (out) => nextStatement(session, genesis, rows, out),
        undefined,
        matrixProducts({ config: key.model.config, air: key.protocol.air }, rows),
      ),
  };
}

/** The least of some times of `run`, each with the memory given back. */
function commitFloor(prover: SegmentProver, rows: SegmentRows): number {
  const { prover: memory, protocol } = prover.key;
  const { trace } = prepare(prover, rows).finish();
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < REPEATS; k++) {
    const mark = memory.arena.mark();
    const started = performance.now();
    commitOracle(memory, trace, protocol.opening.oracles[0]);
    best = Math.min(best, performance.now() - started);
    memory.arena.release(mark);
  }
  return best;
}

/** The steps of `SegmentProver.prove`, timed one by one; the last of some repeats. Both contexts are committed here. */
function measureStages(prover: SegmentProver, rows: SegmentRows): [string, number][] {
  const { key, session } = prover;
  const { air, fractions, lookupGrinding, layouts, opening } = key.protocol;
  let stages: [string, number][] = [];
  for (let k = 0; k < REPEATS; k++) {
    const mark = key.prover.arena.mark();
    stages = [];
    const stage = <T>(name: string, run: () => T): T => {
      const started = performance.now();
      const result = run();
      stages.push([name, performance.now() - started]);
      return result;
    };
    const { witness, finish } = stage("witness", () => prepare(prover, rows));
    if (witness.size === 0) throw new Error("bench: expected a witness, found none");
    const prepared = stage("contexts, virtual tensors, counts", finish);
    const channel = new ProverChannel();
    channel.observe(statementWords(session, prepared.statement));
    const recalled = [prepared.contextOut, prepared.contextIn, key.fixed].map((o) => recallSent(channel, o));
    const sent = stage("trace commitment", () => {
      const committed = commitOracle(key.prover, prepared.trace, opening.oracles[0]);
      return sendOracle(channel, opening, 0, committed);
    });
    const context = {
      channel,
      ...key.prover,
      tables: prepared.tables,
      stored: key.stored,
      claims: new ClaimStore<Ext>(),
    };
    stage("lookups", () => proveLookups(context, fractions, lookupGrinding));
    stage("relations and claims", () => {
      const tau = Array.from({ length: relationVariables(air) }, () => channel.sample());
      for (const relation of air.relations)
        context.claims.add(relation, tau.slice(0, relation.logSize), ZERO);
      for (const family of families(air)) proveClaims(context, family);
    });
    stage("opening", () =>
      proveOpening(
        key.prover,
        channel,
        opening,
        [sent, ...recalled],
        context.claims.onOracles(extArithmetic, layouts),
      ),
    );
    key.prover.arena.release(mark);
  }
  return stages;
}
