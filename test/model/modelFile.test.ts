import { describe, expect, test } from "bun:test";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { Decoder } from "../../src/model/decoder.ts";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import { parseModelFile, serializeModelFile } from "../../src/model/modelFile.ts";
import { serializeTokenizerSection } from "../../src/model/tokenizerSection.ts";
import { parseTokenizer } from "../../src/model/tokenizerFile.ts";
import { tinyTokenizer } from "./checkpoint.ts";
import { GPT2, QWEN2, tinyModel } from "./tinyModel.ts";

const tiny = { model: tinyModel(), tokenizer: parseTokenizer(tinyTokenizer(), 16) };

/** The file with one header word changed. */
function withWord(file: Uint8Array<ArrayBuffer>, at: number, value: number): Uint8Array<ArrayBuffer> {
  const changed = file.slice();
  new DataView(changed.buffer).setUint32(at, value, true);
  return changed;
}

describe("model file", () => {
  test("survives a round trip", async () => {
    const { model, tokenizer } = await parseModelFile(await serializeModelFile(tiny));
    expect(Bun.deepEquals(model, tiny.model)).toBe(true);
    expect(serializeTokenizerSection(tokenizer)).toEqual(serializeTokenizerSection(tiny.tokenizer));
    for (const options of [QWEN2, GPT2]) {
      const other = { ...tiny, model: tinyModel(options) };
      const read = await parseModelFile(await serializeModelFile(other));
      expect(Bun.deepEquals(read.model, other.model)).toBe(true);
    }
  });

  test("refuses other files, versions and lengths", async () => {
    const file = await serializeModelFile(tiny);
    const length = new DataView(file.buffer).getUint32(8, true);
    await expect(parseModelFile(file.slice(0, 11))).rejects.toThrow(
      "expected a header of 12 bytes, found 11 bytes",
    );
    await expect(parseModelFile(withWord(file, 0, 0))).rejects.toThrow(
      "expected the magic number of a starkstream model, found 0",
    );
    await expect(parseModelFile(withWord(file, 4, 2))).rejects.toThrow("expected version 3, found 2");
    await expect(parseModelFile(withWord(file, 8, 2 ** 31))).rejects.toThrow("expected a length in");
    await expect(parseModelFile(withWord(file, 8, length + 1))).rejects.toThrow(
      `expected ${length + 1} bytes, as the header says, found ${length}`,
    );
    await expect(parseModelFile(withWord(file, 8, length - 1))).rejects.toThrow(
      "expected a whole deflate stream, found RangeError",
    );
    await expect(parseModelFile(file.slice(0, -20))).rejects.toThrow("model file: expected");
  });

  test("refuses a model that breaks its bounds", async () => {
    const model = { ...tiny.model, shifts: { ...tiny.model.shifts, prod: 15 } };
    await expect(parseModelFile(await serializeModelFile({ ...tiny, model }))).rejects.toThrow("shift prod");
  });
});

test("the embedded model tells a story, with kernels and without", async () => {
  const { model, tokenizer } = await embeddedModel();
  const [scalar, simd] = [new Decoder(model), new Decoder(model, createKernels())];
  const tokens = tokenizer.encode("Once upon a time");
  const prompt = tokens.length;
  for (let i = 0; i < prompt + 30; i++) {
    const next = scalar.step(tokens[i]!);
    expect(simd.step(tokens[i]!)).toBe(next);
    expect(simd.logits).toEqual(scalar.logits);
    if (i >= prompt - 1) tokens.push(next);
  }
  const text = tokenizer.decode(tokens);
  expect(text).toStartWith("Once upon a time");
  expect(text).toMatch(/^[A-Za-z ,.!?"'\n-]{60,}$/);
});
