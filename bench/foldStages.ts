/**
 * The stages of a folding step, in CPU seconds of all threads and in wall time: `bun bench/foldStages.ts [log2 of T
 * [segments in a step]]`. Embedded model; the second of two steps, so that a step before is verified and memory is
 * taken already.
 */
import process from "node:process";
import { SegmentRecorder } from "../src/decode/recorder.ts";
import type { FoldProof } from "../src/fold/format.ts";
import { StepProver } from "../src/fold/stepProver.ts";
import { availableThreads, createKernels } from "../src/kernels/createKernels.ts";
import { Decoder } from "../src/model/decoder.ts";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import { decodeSegmentProof, type SegmentProof } from "../src/segment/format.ts";
import { SegmentProver } from "../src/segment/prover.ts";
import { FOLD_PROFILE } from "../src/whir/profile.ts";
import { peakBytes } from "./peakBytes.ts";

const STEPS = 2;
const PROMPT = 1;

const logSegment = Number(process.argv[2] ?? 5);
const places = Number(process.argv[3] ?? 1);
const { model } = await embeddedModel();

function segments() {
  const prover = SegmentProver.create(model, { logSegment, promptLength: PROMPT });
  const decoder = new Decoder(model, createKernels());
  const recorder = new SegmentRecorder(model.config, logSegment);
  let token = 1;
  const proofs = Array.from({ length: STEPS * places }, () => {
    while (!recorder.isFull) {
      const choice = decoder.step(token, recorder.sink);
      recorder.push(token, choice);
      token = choice;
    }
    return decodeSegmentProof(prover.prove(recorder.take()).proof, 2 ** logSegment) as SegmentProof;
  });
  prover.close();
  return { session: prover.session, proofs };
}

const { session, proofs } = segments();
const prover = StepProver.create(session, FOLD_PROFILE, { places, threads: availableThreads() });
let previous: FoldProof | null = null;
for (let step = 0; step < STEPS; step++) {
  const joined = proofs.slice(places * step, places * (step + 1));
  let cpu = process.cpuUsage();
  let wall = performance.now();
  previous = prover.prove({ promptLength: PROMPT }, joined, previous, (stage) => {
    const { user, system } = process.cpuUsage(cpu);
    const ms = performance.now() - wall;
    if (step === STEPS - 1)
      console.log(`${stage}: ${((user + system) / 1e6).toFixed(2)} s of CPU, ${(ms / 1000).toFixed(2)} s`);
    cpu = process.cpuUsage();
    wall = performance.now();
  });
}
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
const [tables, codes] = [prover.key.prover, prover.key.coder].map(
  ({ arena }) => arena.memory.buffer.byteLength,
);
console.log(
  `memory of tables ${mib(tables)}, of codes ${mib(codes)}, peak of the process ${mib(peakBytes())}, ${previous?.body.length} words`,
);
prover.close();
