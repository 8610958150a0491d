import { families } from "../src/air/batches.ts";
import { ClaimStore } from "../src/air/claims.ts";
import { proveClaims } from "../src/air/proveClaims.ts";
import { relationVariables } from "../src/air/verify.ts";
import { matrixProducts } from "../src/decode/matrixProducts.ts";
import type { SegmentRows } from "../src/decode/recorder.ts";
import { segmentWitness } from "../src/decode/segmentWitness.ts";
import { type Ext, ZERO } from "../src/field/ext.ts";
import { extArithmetic } from "../src/hash/extArithmetic.ts";
import { ProverChannel } from "../src/hash/proverChannel.ts";
import { proveLookups } from "../src/lookup/prove.ts";
import { prepareSegment } from "../src/segment/prepareSegment.ts";
import { nextStatement, type SegmentProver } from "../src/segment/prover.ts";
import { statementWords } from "../src/segment/verifySegmentProof.ts";
import { commitOracle, recallSent, sendOracle } from "../src/whir/commit.ts";
import { proveOpening } from "../src/whir/open.ts";
import { KernelClock } from "./kernelClock.ts";

const REPEATS = 3;

/** A step of proving a segment. */
export interface Stage {
  readonly name: string;
  readonly ms: number;
  /** What it works on: committed cells, or leaves of fraction trees. */
  readonly cells: number;
  /** It adds to the proof. */
  readonly bytes: number;
  /** Of its milliseconds, those in kernels, largest first; the rest is TypeScript. */
  readonly kernels: readonly (readonly [name: string, ms: number])[];
}

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
        key.contexts.carried(empty),
        matrixProducts({ config: key.model.config, air: key.protocol.air }, rows),
      ),
  };
}

/** Milliseconds of encoding and hashing the trace once: the least of some times. The arena is left as it was. */
export function commitFloor(prover: SegmentProver, rows: SegmentRows): number {
  const { prover: memory, protocol } = prover.key;
  const before = memory.arena.mark();
  const { trace } = prepare(prover, rows).finish();
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < REPEATS; k++) {
    const mark = memory.arena.mark();
    const started = performance.now();
    commitOracle(memory, trace, protocol.opening.oracles[0]);
    best = Math.min(best, performance.now() - started);
    memory.arena.release(mark);
  }
  memory.arena.release(before);
  return best;
}

/**
 * The steps of `SegmentProver.prove` for the first segment, timed one by one: the fastest of some repeats, so
 * with the incoming context carried, as always but in a run's first segment. The prover's kernels stay timed.
 */
export function measureStages(prover: SegmentProver, rows: SegmentRows): Stage[] {
  const { key } = prover;
  const clock = new KernelClock([key.prover, key.fixed.committed.prover]);
  let best: Stage[] = [];
  const total = (stages: readonly Stage[]) => stages.reduce((sum, { ms }) => sum + ms, 0);
  for (let k = 0; k < REPEATS; k++) {
    const mark = key.prover.arena.mark();
    const stages = proveInStages(prover, rows, clock);
    key.prover.arena.release(mark);
    if (k === 0 || total(stages) < total(best)) best = stages;
  }
  return best;
}

function proveInStages(prover: SegmentProver, rows: SegmentRows, clock: KernelClock): Stage[] {
  const { key, session } = prover;
  const { air, fractions, lookupGrinding, layouts, opening } = key.protocol;
  const [traceCells, contextCells] = layouts.map(({ cells }) => cells) as [number, number];
  const channel = new ProverChannel();
  const stages: Stage[] = [];
  const stage = <T>(name: string, cells: number, run: () => T): T => {
    clock.take();
    const before = channel.length;
    const started = performance.now();
    const result = run();
    const ms = performance.now() - started;
    stages.push({ name, ms, cells, bytes: 4 * (channel.length - before), kernels: clock.take() });
    return result;
  };
  const { witness, finish } = stage("witness", traceCells, () => prepare(prover, rows));
  if (witness.size === 0) throw new Error("bench: expected a witness, found none");
  const prepared = stage("context, virtual tensors, counts", contextCells, finish);
  channel.observe(statementWords(session, prepared.statement));
  const recalled = [prepared.contextOut, prepared.contextIn, key.fixed].map((o) => recallSent(channel, o));
  const sent = stage("trace commitment", traceCells, () => {
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
  stage("lookups", fractions.leaves, () => proveLookups(context, fractions, lookupGrinding));
  stage("relations and claims", traceCells, () => {
    const tau = Array.from({ length: relationVariables(air) }, () => channel.sample());
    for (const relation of air.relations) context.claims.add(relation, tau.slice(0, relation.logSize), ZERO);
    for (const family of families(air)) proveClaims(context, family);
  });
  const opened = layouts.reduce((sum, { cells }) => sum + cells, 0);
  stage("opening", opened, () =>
    proveOpening(
      key.prover,
      channel,
      opening,
      [sent, ...recalled],
      context.claims.onOracles(extArithmetic, layouts),
    ),
  );
  return stages;
}
