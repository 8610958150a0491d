/**
 * The stages of a folding step, in CPU seconds of all threads and in wall time: `bun bench/foldStages.ts [log2 of T]`.
 * Embedded model; the second of two steps, so that a step before is verified and memory is taken already.
 */
import process from "node:process";
import { SegmentRecorder } from "../src/decode/recorder.ts";
import { expandSegment, expandStep, digestOf } from "../src/fold/expand.ts";
import type { FoldProof } from "../src/fold/format.ts";
import { proveCircuit } from "../src/fold/proveCircuit.ts";
import { recordStep } from "../src/fold/recordStep.ts";
import { stepInputs } from "../src/fold/stepInputs.ts";
import { StepProver } from "../src/fold/stepProver.ts";
import { availableThreads, createKernels } from "../src/kernels/createKernels.ts";
import { Decoder } from "../src/model/decoder.ts";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import { decodeSegmentProof, type SegmentProof } from "../src/segment/format.ts";
import { SegmentProver } from "../src/segment/prover.ts";
import { FOLD_PROFILE } from "../src/whir/profile.ts";
import { peakBytes } from "./peakBytes.ts";

const SEGMENTS = 2;
const TERMS = { promptLength: 1 };

const logSegment = Number(process.argv[2] ?? 5);
const { model } = await embeddedModel();

function segments() {
  const prover = SegmentProver.create(model, { logSegment, ...TERMS });
  const decoder = new Decoder(model, createKernels());
  const recorder = new SegmentRecorder(model.config, logSegment);
  let token = 1;
  const proofs = Array.from({ length: SEGMENTS }, () => {
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
const prover = StepProver.create(session, FOLD_PROFILE, { threads: availableThreads() });
const { protocol } = prover.fitted;

/** One step; `ended` is told of each stage when it is over. */
function step(segment: SegmentProof, previous: FoldProof | null, ended: (stage: string) => void): FoldProof {
  const { boundaryIn, boundaryOut } = segment.statement;
  const first = previous?.first ?? digestOf(session, boundaryIn);
  const statement = { key: prover.key.name, first, last: digestOf(session, boundaryOut) };
  const run = {
    terms: TERMS,
    segment: { ...segment, body: expandSegment(protocol, TERMS, segment) },
    previous: previous && expandStep(protocol, TERMS, prover.key.name, previous),
    statement,
  };
  ended("children verified");
  const { memory, failures } = recordStep(protocol, run);
  if (failures.length > 0) throw new Error(`bench: expected a step that holds, found ${failures[0]}`);
  ended("circuit recorded");
  const body = proveCircuit(prover.key, memory, stepInputs(statement), () => {}, ended);
  return { first, last: boundaryOut, body };
}

let previous: FoldProof | null = null;
for (const segment of proofs) {
  let cpu = process.cpuUsage();
  let wall = performance.now();
  previous = step(segment, previous, (stage) => {
    const { user, system } = process.cpuUsage(cpu);
    const ms = performance.now() - wall;
    if (segment === proofs[SEGMENTS - 1])
      console.log(`${stage}: ${((user + system) / 1e6).toFixed(2)} s of CPU, ${(ms / 1000).toFixed(2)} s`);
    cpu = process.cpuUsage();
    wall = performance.now();
  });
}
const { arena } = prover.key.prover;
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
console.log(
  `kernels' memory ${mib(arena.memory.buffer.byteLength)}, peak of the process ${mib(peakBytes())}`,
);
prover.close();
