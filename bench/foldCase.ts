/**
 * Measures one case of folding in a process of its own: `bun bench/foldCase.ts '{"kind":"chain",…}'` prints
 * what `bench/fold.ts` makes tables of, as JSON. A model is "embedded" or the path of a llama2.c checkpoint.
 */
import process from "node:process";
import { SegmentRecorder, type SegmentRows } from "../src/decode/recorder.ts";
import type { CircuitProtocol } from "../src/fold/circuitProtocol.ts";
import { foldSecurityReport } from "../src/fold/security.ts";
import { recordFor } from "../src/fold/fitSizes.ts";
import { type FinalStatement, verifyFinal } from "../src/fold/verify.ts";
import { createKernels } from "../src/kernels/createKernels.ts";
import { Decoder } from "../src/model/decoder.ts";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import type { SegmentResult } from "../src/segment/prover.ts";
import { type Session, sessionOf, termsOf } from "../src/segment/statement.ts";
import { foldRun } from "../src/session/foldRun.ts";
import { runSession } from "../src/session/runSession.ts";
import { openWorkerFold } from "../src/session/workerFold.ts";
import type { ModelProver } from "../src/session/sessionProver.ts";
import { openWorkerProver } from "../src/session/workerProver.ts";
import { FOLD_PROFILE } from "../src/whir/profile.ts";
import { peakBytes } from "./peakBytes.ts";
import { readModel } from "./readModel.ts";

/** What to measure. */
export interface FoldCase {
  /** A chain step by step; a run with its folding beside it; segments while a step is made. */
  readonly kind: "chain" | "run" | "beside";
  readonly model: string;
  /** To which a checkpoint is quantized; its own if left out. */
  readonly capacity?: number;
  readonly logSegment: number;
  readonly segments: number;
  /** Segments that a step joins. */
  readonly places: number;
}

/** A chain's first steps; arrays have an entry for each. */
export interface MeasuredChain {
  readonly proveMs: readonly number[];
  readonly createMs: number;
  readonly stepMs: readonly number[];
  readonly proofBytes: readonly number[];
  /** Verifying the step's proof alone, the median of some repeats. */
  readonly verifyMs: readonly number[];
  /** What the process held after the step. */
  readonly residentBytes: readonly number[];
  readonly peakBytes: number;
  readonly bits: number;
  /** The circuit's rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Committed cells of a step, and those of the circuit. */
  readonly cells: number;
  readonly fixedCells: number;
  /** Lookups by table: BLAKE3's, the memory's, others. */
  readonly lookups: Readonly<Record<"hash" | "memory" | "range", number>>;
}

/** Milliseconds on one clock, from the first token's decode on. */
export interface MeasuredRun {
  readonly tokens: number;
  readonly lastTokenMs: number;
  readonly provenMs: number;
  readonly finalMs: number;
  /** Segments folded when the last one was proven. */
  readonly foldedBeside: number;
  readonly peakBytes: number;
}

/** Of a segment (the median of some) and of a step, each alone and beside the other. */
export interface MeasuredBeside {
  readonly segmentMs: number;
  readonly segmentBesideMs: number;
  readonly stepMs: number;
  readonly stepBesideMs: number;
}

const VERIFY_REPEATS = 5;

async function chain(
  model: IntegerModel,
  { logSegment, segments, places }: FoldCase,
): Promise<MeasuredChain> {
  const { session, results } = await prove(model, logSegment, segments);
  const started = performance.now();
  const fold = await openWorkerFold(session, FOLD_PROFILE, places);
  const createMs = performance.now() - started;
  const [stepMs, proofBytes, verifyMs, residentBytes]: number[][] = [[], [], [], []];
  let step: Uint8Array | null = null;
  let tokens: number[] = [];
  for (let at = 0; at < results.length; at += places) {
    const joined = results.slice(at, at + places);
    const begun = performance.now();
    const bytes: Uint8Array = await fold.step(
      termsOf(session),
      joined.map(({ proof }) => proof),
      step,
    );
    stepMs.push(performance.now() - begun);
    step = bytes;
    proofBytes.push(bytes.length);
    residentBytes.push(process.memoryUsage().rss);
    tokens = [...tokens, ...joined.flatMap(({ statement }) => statement.tokens)];
    const final = { session, profile: FOLD_PROFILE, key: fold.key, tokens };
    verifyMs.push(median(Array.from({ length: VERIFY_REPEATS }, () => verifyTime(final, bytes))));
    const k = stepMs.length - 1;
    console.error(`step ${k}: ${Math.round(stepMs[k])} ms, ${Math.round(residentBytes[k] / 2 ** 20)} MiB`);
  }
  const peak = peakBytes();
  fold.close();
  const { circuit, protocol } = recordFor(session, FOLD_PROFILE, fold.key);
  const { layouts, sizes, air } = protocol.circuit;
  return {
    proveMs: results.map(({ proveMs }) => proveMs),
    createMs,
    stepMs,
    proofBytes,
    verifyMs,
    residentBytes,
    peakBytes: peak,
    bits: foldSecurityReport(FOLD_PROFILE, sizes).bits,
    rows: circuit.counts(),
    cells: layouts[0].cells,
    fixedCells: layouts[1].cells,
    lookups: lookupsOf(air),
  };
}

function verifyTime(statement: FinalStatement, bytes: Uint8Array): number {
  const started = performance.now();
  const verdict = verifyFinal(statement, bytes);
  if (!verdict.ok) throw new Error(`bench: expected a valid step, found ${JSON.stringify(verdict)}`);
  return performance.now() - started;
}

function lookupsOf({ lookups }: CircuitProtocol["air"]): Record<"hash" | "memory" | "range", number> {
  const counts = { hash: 0, memory: 0, range: 0 };
  for (const { table, entries } of lookups) {
    const kind = table.name === "memory" ? "memory" : table.name === "range15" ? "range" : "hash";
    counts[kind] += 2 ** entries[0].logSize;
  }
  return counts;
}

async function run(model: IntegerModel, { logSegment, segments, places }: FoldCase): Promise<MeasuredRun> {
  const { tokenizer } = await embeddedModel();
  const prompt = "Once upon a time";
  const tokens = segments * 2 ** logSegment - tokenizer.encode(prompt).length + 1;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  let [begun, lastTokenMs, provenMs, finalMs, folded, foldedBeside] = [0, 0, 0, 0, 0, 0];
  let folding: Promise<void> = Promise.resolve();
  const fold = async (session: Session) => {
    for await (const event of foldRun({ session, segments: readable, places })) {
      if (event.type === "fold") folded = event.level;
      if (event.type === "final") finalMs = performance.now() - begun;
    }
  };
  let consumed = 0;
  for await (const event of runSession({ model, tokenizer, prompt, tokens, segment: 2 ** logSegment })) {
    const now = performance.now() - begun;
    if (event.type === "start") {
      begun = performance.now();
      folding = fold(event.session);
    }
    if (event.type === "token") lastTokenMs = now;
    if (event.type === "segment") {
      void writer.write(event.proof);
      consumed += event.tokens;
    }
    if (event.type === "done") [provenMs, foldedBeside] = [now, folded];
  }
  void writer.close();
  await folding;
  return { tokens: consumed, lastTokenMs, provenMs, finalMs, foldedBeside, peakBytes: peakBytes() };
}

/** Steps and segments, first each alone, then segments for as long as a step takes. */
async function beside(model: IntegerModel, { logSegment, segments }: FoldCase): Promise<MeasuredBeside> {
  const prover = await openWorkerProver(model, { logSegment });
  // its buffers are given away with the rows
  const times = async (isOver?: () => boolean) =>
    (await proveRun(prover, decode(model, logSegment, segments), isOver)).map(({ proveMs }) => proveMs);
  const [first, second, third] = await proveRun(prover, decode(model, logSegment, 3));
  const segmentMs = median(await times());

  const fold = await openWorkerFold(prover.session, FOLD_PROFILE, 1);
  const warm = await fold.step({ promptLength: 1 }, [first.proof], null);
  let begun = performance.now();
  const alone = await fold.step({ promptLength: 1 }, [second.proof], warm);
  const stepMs = performance.now() - begun;

  begun = performance.now();
  let stepBesideMs = 0;
  const made = fold.step({ promptLength: 1 }, [third.proof], alone).then(() => {
    stepBesideMs = performance.now() - begun;
  });
  const besideMs: number[] = [];
  while (stepBesideMs === 0) besideMs.push(...(await times(() => stepBesideMs > 0)));
  await made;
  fold.close();
  prover.close();
  return { segmentMs, segmentBesideMs: median(besideMs), stepMs, stepBesideMs };
}

/** A run's first segments, proven in another thread which then ends. */
async function prove(
  model: IntegerModel,
  logSegment: number,
  segments: number,
): Promise<{ session: Session; results: SegmentResult[] }> {
  const prover = await openWorkerProver(model, { logSegment });
  const terms = { promptLength: 1 };
  const results = await proveRun(prover, decode(model, logSegment, segments));
  prover.close();
  return { session: sessionOf(prover.session, terms), results };
}

async function proveRun(
  prover: ModelProver,
  segments: readonly SegmentRows[],
  isOver = () => false,
): Promise<SegmentResult[]> {
  const run = prover.begin({ promptLength: 1 });
  const results: SegmentResult[] = [];
  for (const rows of segments) {
    if (isOver()) break;
    results.push(await run.prove(rows));
  }
  return results;
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

const options = JSON.parse(process.argv[2]) as FoldCase;
const measure = { chain, run, beside }[options.kind];
console.log(JSON.stringify(await measure(await readModel(options.model, options.capacity), options)));
