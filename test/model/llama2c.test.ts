import { describe, expect, test } from "bun:test";
import { parseLlama2c } from "../../src/model/llama2c.ts";
import { TINY_HEADER, tinyCheckpoint } from "./checkpoint.ts";

describe("parseLlama2c", () => {
  test("reads every array at its place", () => {
    const model = parseLlama2c(tinyCheckpoint());
    expect(model).toMatchObject({
      dim: 8,
      hidden: 12,
      layers: 2,
      heads: 2,
      kvHeads: 1,
      headDim: 4,
      vocab: 16,
      sequence: 32,
    });
    const floats = new Float32Array(tinyCheckpoint().buffer, 28);
    expect(model.embedding[0]).toBe(floats[0]!);
    expect(model.attentionGain[0]).toBe(floats[128]!);
    expect(model.wq[0]).toBe(floats[128 + 16]!);
    expect(model.wo[0]).toBe(floats[128 + 16 + 128 + 64 + 64]!);
    expect(model.finalGain[7]).toBe(floats.at(-1 - 32 * 4)!);
    expect(model.head).toBe(model.embedding);
  });

  test("a negative vocabulary size means a head of its own", () => {
    const bytes = tinyCheckpoint(TINY_HEADER.with(5, -16));
    const model = parseLlama2c(bytes);
    expect(model.vocab).toBe(16);
    expect(model.head.at(-1)).toBe(new Float32Array(bytes.buffer, 28).at(-1)!);
    expect(model.head).not.toBe(model.embedding);
  });

  test.each([0, 3, 27])("refuses %d bytes", (length) => {
    expect(() => parseLlama2c(tinyCheckpoint().slice(0, length))).toThrow(
      `expected a header of 28 bytes, found ${length} bytes`,
    );
  });

  test("refuses truncation and excess", () => {
    const bytes = tinyCheckpoint();
    const sizes = `expected ${bytes.length} bytes, as the header (dim 8, hidden 12,`;
    expect(() => parseLlama2c(bytes.slice(0, -4))).toThrow(sizes);
    expect(() => parseLlama2c(bytes.slice(0, -4))).toThrow(`found ${bytes.length - 4}`);
    expect(() => parseLlama2c(Uint8Array.from([...bytes, 0]))).toThrow(sizes);
  });

  test.each([
    [0, 0, "dim in [1, 16777216] in the header, found 0"],
    [2, -1, "layers in [1, 16777216] in the header, found -1"],
    [5, -(2 ** 31), "vocab in [1, 16777216] in the header, found -2147483648"],
    [3, 3, "heads to divide dim 8, found 3"],
    [4, 3, "kvHeads to divide heads 2, found 3"],
    [3, 8, "an even dim / heads, found 1"],
  ])("refuses header field %d = %d", (field, value, message) => {
    const bytes = tinyCheckpoint();
    new DataView(bytes.buffer).setInt32(4 * field, value, true);
    expect(() => parseLlama2c(bytes)).toThrow(`expected ${message}`);
  });

  test("refuses garbage", () => {
    expect(() => parseLlama2c(new TextEncoder().encode("<!doctype html><html><head><title>"))).toThrow(
      "llama2.c checkpoint: expected",
    );
    const bytes = tinyCheckpoint();
    new DataView(bytes.buffer).setFloat32(28 + 4 * 130, Number.NaN, true);
    expect(() => parseLlama2c(bytes)).toThrow(
      "expected finite numbers in attentionGain, found NaN at index 2",
    );
  });
});
