import { expect, test } from "bun:test";
import { hashWords } from "../../src/hash/blake3.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import { modelIdOf } from "../../src/segment/verify.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import vectors from "../vectors/segment.json";
import { decodeSegments } from "./tinyRun.ts";

/** Of a proof's bytes: its length and BLAKE3. */
function digestOf(bytes: Uint8Array) {
  return { bytes: bytes.length, digest: [...hashWords(new Uint32Array(Uint8Array.from(bytes).buffer))] };
}

for (const scalar of [false, true])
  test(`a run's proofs, frozen, with ${scalar ? "scalar" : "WebAssembly"} kernels: a change here changes the protocol`, () => {
    const prover = SegmentProver.create(tinyModel(), {
      logSegment: 2,
      promptLength: 3,
      profile: testProfile,
      scalar,
    });
    const segments = decodeSegments(prover.key.model, 2, [1, 5, 3], scalar ? 4 : 10);
    const found = segments.map((rows) => digestOf(prover.prove(rows).proof));
    prover.close();
    expect(modelIdOf(prover.session)).toBe(vectors.modelId);
    expect(vectors.modelId).toMatch(/^[0-9a-f]{64}$/);
    expect(found).toEqual(vectors.segments.slice(0, found.length));
  }, 60000);

test("a sampled run's tokens and proofs, frozen", () => {
  const { sampler, tokens, modelId, segments } = vectors.sampled;
  const prover = SegmentProver.create(tinyModel(), {
    logSegment: 2,
    promptLength: 3,
    profile: testProfile,
    sampler,
  });
  const rows = decodeSegments(prover.key.model, 2, [1, 5, 3], 10, sampler);
  expect(rows.flatMap(({ tokens }) => tokens)).toEqual(tokens);
  expect(modelIdOf(prover.session)).toBe(modelId);
  expect(rows.map((part) => digestOf(prover.prove(part).proof))).toEqual(segments);
  prover.close();
});
