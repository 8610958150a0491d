import { describe, expect, test } from "bun:test";
import type { SegmentRows } from "../../src/decode/recorder.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { BIASES } from "../../src/model/options.ts";
import { GPT2, QWEN2, tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { decodeSegments } from "./tinyRun.ts";

const PADDED = { layers: 3, dim: 12, heads: 3, kvHeads: 1, hidden: 12, vocab: 13 };

describe("segments", () => {
  for (const [what, options] of [
    ["", {}],
    [", padded in every axis,", PADDED],
    [", Qwen2's kind,", { ...PADDED, ...QWEN2 }],
    [", GPT-2's kind,", { ...PADDED, ...GPT2 }],
    [", with a gate and all biases,", { ...PADDED, biases: BIASES }],
    [", with learned positions alone,", { ...PADDED, positions: "learned" }],
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

  test("runs that share a key, in turns, one of them taken up again: the same proofs as alone", () => {
    const model = tinyModel();
    const options = { logSegment: 2, profile: testProfile };
    const prompts = [[1, 5, 3], [1, 4, 2, 6, 7], [1]];
    const runs = prompts.map((prompt) => decodeSegments(model, 2, prompt, 11));
    const alone = runs.map((segments, i) => {
      const prover = SegmentProver.create(model, { ...options, promptLength: prompts[i]?.length as number });
      return segments.map((rows) => prover.prove(rows).proof);
    });
    const { key } = SegmentProver.create(model, { ...options, promptLength: 1 });
    const provers = prompts.map(({ length }) => new SegmentProver(key, { promptLength: length }));
    for (let index = 0; index < 3; index++)
      for (const [i, prover] of provers.entries()) {
        const rows = runs[i]?.[index] as SegmentRows;
        if (i === 1 && index < 2) prover.skip(rows);
        else expect(prover.prove(rows).proof).toEqual(alone[i]?.[index] as Uint8Array);
      }
    const later = new SegmentProver(key, { promptLength: 3 }, structuredClone(provers[0]?.frontier));
    expect(() => later.prove(runs[0]?.[0] as SegmentRows)).toThrow(/expected rows from position 11, got 0/);
    expect(() => later.skip(runs[0]?.[0] as SegmentRows)).toThrow(/expected rows from position 11, got 0/);
  });
});
