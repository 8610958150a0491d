import { SegmentRecorder, type SegmentRows } from "../src/decode/recorder.ts";
import { createKernels } from "../src/kernels/createKernels.ts";
import type { ModelConfig } from "../src/model/config.ts";
import { Decoder } from "../src/model/decoder.ts";
import type { IntegerModel } from "../src/model/integerModel.ts";
import { SegmentProver } from "../src/segment/prover.ts";
import { securityReport } from "../src/segment/security.ts";
import { verifyChain } from "../src/segment/verify.ts";
import { peakBytes } from "./peakBytes.ts";
import { commitFloor, measureStages, type Stage } from "./stages.ts";

/** What to measure. */
export interface Case {
  /** "embedded", the path of a llama2.c checkpoint, or a shape, which gets synthetic weights. */
  readonly model: string | ModelConfig;
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
  /** Provable, of a segment proof, by the calculator. */
  readonly securityBits: number;
  readonly stages: readonly Stage[];
}

export function measure(model: IntegerModel, options: Case): Measured {
  const { logSegment, segments, threads } = options;
  const rows = decodeSegments(model, logSegment, segments);
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
    securityBits: securityReport(prover.session).bits,
    stages: options.stages ? measureStages(prover, rows[0]) : [],
  };
  prover.close();
  return measured;
}

/** Full segments of rows, decoded from token 1 on. */
export function decodeSegments(model: IntegerModel, logSegment: number, segments: number): SegmentRows[] {
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
