import { beforeAll, describe, expect, test } from "bun:test";
import type { Tensor } from "../../src/air/air.ts";
import { FIXED } from "../../src/segment/commitFixed.ts";
import { createProvingKey } from "../../src/segment/provingKey.ts";
import { verifySegment } from "../../src/segment/verify.ts";
import { CodeTable } from "../../src/whir/code.ts";
import { commitmentPieces } from "../../src/whir/commitmentFile.ts";
import { LARGE_PROFILE } from "../../src/whir/profile.ts";
import { GPT2, tinyModel } from "../model/tinyModel.ts";
import { forge, type HonestRun, honestRun, quickProfile } from "./attacks.ts";

/*
 * A model large enough that its embedding, head, and query and output matrices are stored without padding:
 * 3 of 4 layers, 9 of 16 heads, 576 of 1024 features, 1100 of 2048 words.
 */

let run: HonestRun;

beforeAll(() => {
  const shape = { dim: 576, heads: 9, kvHeads: 3, hidden: 8, layers: 3, vocab: 1100, capacity: 8 };
  run = honestRun(tinyModel(shape), { rows: 8, logSegment: 2 });
});

const packed = ({ protocol }: HonestRun["key"]) =>
  protocol.layouts[3].places.filter(({ packing }) => packing.blocks > 1);

describe("packed weights", () => {
  test("are fewer than a third of the padded ones", () => {
    const places = packed(run.key);
    expect(places.map(({ tensor }) => tensor.name).sort()).toEqual(["embedding", "head", "wo", "wq"]);
    const padded = places.reduce((sum, { tensor }) => sum + 2 ** tensor.logSize, 0);
    const stored = places.reduce((sum, { packing }) => sum + packing.blocks * 2 ** packing.logBlock, 0);
    expect(stored).toBeLessThan(padded / 3);
  });

  test("are proven and verified, segment by segment", () => {
    for (const { proof, statement } of run.segments)
      expect(verifySegment(run.session, proof, statement.boundaryIn)).toMatchObject({ ok: true });
  });

  test("a prover that computes the products from the stored weights sends the same proof", () => {
    const { proof, verdict } = forge(run, run.segments[1], { incoming: true });
    expect(verdict.ok).toBe(true);
    expect(proof).toEqual(run.segments[1].proof);
  });

  test("in a memory of their own make the same proof", () => {
    const key = createProvingKey(run.model, quickProfile, 2, {}, 0);
    expect(key.fixed.committed.prover).not.toBe(key.prover);
    expect(key.fixed.committed.root).toEqual(run.key.fixed.committed.root);
    const { proof } = forge({ ...run, key }, run.segments[1], { incoming: true });
    expect(proof).toEqual(run.segments[1].proof);
    key.close();
  });

  test("committed before, in a file, make the same proof", () => {
    const { protocol, fixed } = run.key;
    const shape = protocol.opening.oracles[FIXED];
    const bytes = Buffer.concat(Array.from(commitmentPieces(shape, fixed), (piece) => piece.slice()));
    const kept = {
      name: "kept",
      size: bytes.length,
      read: (offset: number, length: number) => new Uint8Array(bytes.subarray(offset, offset + length)),
    };
    for (const ownMemoryFrom of [0, Number.POSITIVE_INFINITY]) {
      const key = createProvingKey(run.model, quickProfile, 2, { kept }, ownMemoryFrom);
      expect(key.session).toEqual(run.key.session);
      expect(key.fixed.committed.code).not.toBeInstanceOf(CodeTable);
      const { proof } = forge({ ...run, key }, run.segments[1], { incoming: true });
      expect(proof).toEqual(run.segments[1].proof);
      key.close();
    }
    const { weights } = run.model;
    const other = { ...run.model, weights: { ...weights, wk: weights.wk.map((w) => -w) } };
    expect(() => createProvingKey(other, quickProfile, 2, { kept })).toThrow(
      "kept: expected a commitment to",
    );
    expect(() => createProvingKey(run.model, LARGE_PROFILE, 2, { kept })).toThrow("kept: expected logSize");
  });

  test("one cell changed in any block is noticed", () => {
    const { prover, fixed } = run.key;
    for (const { tensor, offset, packing } of packed(run.key)) {
      const block = 2 ** packing.logBlock;
      for (const number of [0, packing.blocks - 1]) {
        const at = fixed.committed.values + 4 * (offset + number * block + 1);
        prover.arena.u32(at, 1)[0] += 1;
        const { verdict } = forge(run, run.segments[0], { incoming: true });
        prover.arena.u32(at, 1)[0] -= 1;
        expect({ tensor: tensor.name, number, ok: verdict.ok }).toEqual({
          tensor: tensor.name,
          number,
          ok: false,
        });
      }
    }
  });

  test("claims on a packed tensor name its blocks, never its padding", () => {
    const { layouts, air } = run.key.protocol;
    const { cells } = layouts[3];
    for (const { tensor, offset, packing } of packed(run.key)) {
      expect(air.tensors.get(tensor.name)).toBe(tensor as Tensor);
      expect(offset % 2 ** packing.logBlock).toBe(0);
      expect(offset + packing.blocks * 2 ** packing.logBlock).toBeLessThanOrEqual(cells);
    }
  });
});

test("packed positions, biases and no gate: verified, and the same proof from what is stored", () => {
  const shape = { dim: 576, heads: 9, kvHeads: 1, hidden: 8, layers: 1, vocab: 11, capacity: 2048 };
  const learned = honestRun(tinyModel({ ...shape, ...GPT2 }), { rows: 6, logSegment: 2 });
  expect(packed(learned.key).map(({ tensor }) => tensor.name)).toEqual(["positions"]);
  for (const { proof, statement } of learned.segments)
    expect(verifySegment(learned.session, proof, statement.boundaryIn).ok).toBe(true);
  const { proof } = forge(learned, learned.segments[1], { incoming: true });
  expect(proof).toEqual(learned.segments[1].proof);
});
