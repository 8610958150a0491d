import { describe, expect, test } from "bun:test";
import { expScaleFor, type ModelConfig, normBitsFor, scoreShiftFor } from "../../src/model/config.ts";
import { readHubCheckpoint } from "../../src/model/formats/hubCheckpoint.ts";
import { isGated } from "../../src/model/options.ts";
import { quantizeCheckpoint } from "../../src/model/quantizeCheckpoint.ts";
import { profileFor } from "../../src/segment/profileFor.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import { securityReport } from "../../src/segment/security.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";
import { vectorFolder } from "../model/formats/vectorFolder.ts";
import { GPT2, QWEN2 } from "../model/tinyModel.ts";
import { decodeSegments } from "./tinyRun.ts";

/*
 * Small random checkpoints of `transformers` (tools/modelVectors.py), from their files to verified proofs, and the
 * calculator at the sizes of real ones.
 */

test.each(["qwen2", "gpt2"])(
  "%s: quantized, run, proven, verified, with 128 bits",
  async (name) => {
    const { model: float } = await readHubCheckpoint(vectorFolder(name));
    const { model } = quantizeCheckpoint(float);
    const segments = decodeSegments(model, 3, [1, 5, 3], 20);
    const prover = SegmentProver.create(model, { logSegment: 3, promptLength: 3, profile: DEFAULT_PROFILE });
    const proofs = segments.map((rows) => prover.prove(rows).proof);
    prover.close();
    const tokens = [...segments.flatMap((rows) => rows.tokens), segments.at(-1)?.choices.at(-1)];
    expect(verifyChain(prover.session, proofs)).toMatchObject({ ok: true, segments: 3, tokens });
    expect(securityReport(prover.session).bits).toBe(128);

    // what a verifier does not know the model to be, it does not accept
    const { description } = prover.session;
    const config = { ...description.config, biases: description.config.biases.slice(1) };
    const fewer = { ...prover.session, description: { ...description, config } };
    expect(verifyChain(fewer, proofs).ok).toBe(false);
  },
  60000,
);

const SHAPES: Readonly<Record<string, ModelConfig>> = {
  "GPT-2 small": {
    dim: 768,
    hidden: 3072,
    layers: 12,
    heads: 12,
    kvHeads: 12,
    headDim: 64,
    vocab: 50257,
    capacity: 1024,
    sequence: 1024,
    ...GPT2,
  },
  "Qwen2.5-0.5B": {
    dim: 896,
    hidden: 4864,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    headDim: 64,
    vocab: 151936,
    capacity: 256,
    sequence: 32768,
    ...QWEN2,
  },
};

const GATED = { up: 10, prod: 11 };
const PLAIN = { up: 0, prod: 0 };

describe.each(Object.entries(SHAPES))("the shape of %s", (_, config) => {
  const description = {
    config,
    shifts: { q: 10, k: 11, v: 12, o: 12, gate: 10, down: 12, ...(isGated(config) ? GATED : PLAIN) },
    normBits: normBitsFor(config.dim)[1],
    expScale: expScaleFor(config.capacity),
    scoreShift: scoreShiftFor(config.headDim),
  };

  test.each([3, 5, 6])("reaches 128 bits with 2^%d rows", (logSegment) => {
    expect(securityReport({ profile: profileFor(description), description, logSegment }).bits).toBe(128);
  });
});
