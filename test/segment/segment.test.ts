import { describe, expect, test } from "bun:test";
import { SegmentProver } from "../../src/segment/prover.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { decodeSegments } from "./tinyRun.ts";

describe("segments", () => {
  for (const [what, options] of [
    ["", {}],
    [", padded in every axis,", { layers: 3, dim: 12, heads: 3, kvHeads: 1, hidden: 12, vocab: 13 }],
  ] as const)
    test(`a run${what} over three segments, the last one short, verifies`, () => {
      const model = tinyModel(options);
      const prompt = [1, 5, 3];
      const segments = decodeSegments(model, 2, prompt, 10);
      const prover = SegmentProver.create(model, { logSegment: 2, promptLength: 3, profile: testProfile });
      const proofs = segments.map((rows) => prover.prove(rows).proof);
      const verdict = verifyChain(prover.session, proofs);
      const tokens = [...segments.flatMap((rows) => rows.tokens), segments.at(-1)?.choices.at(-1)];
      expect(verdict).toMatchObject({ ok: true, segments: 3, tokens });
    });
});
