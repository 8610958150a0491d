import { describe, expect, test } from "bun:test";
import { ModelStore } from "../../src/cli/models/modelStore.ts";
import { readCheckpoint } from "../../src/cli/models/readCheckpoint.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { beginningsOf } from "../../src/model/beginnings.ts";
import { observeRanges } from "../../src/model/calibration.ts";
import { compareModels } from "../../src/model/compareModels.ts";
import { argmax, Decoder } from "../../src/model/decoder.ts";
import type { Checkpoint } from "../../src/model/formats/checkpoint.ts";
import { FloatDecoder } from "../../src/model/floatDecoder.ts";
import { quantize } from "../../src/model/quantize.ts";
import { OBSERVED } from "../../src/model/quantizeCheckpoint.ts";
import { rotateResidual } from "../../src/model/rotateResidual.ts";
import { logSoftmax } from "../../src/model/perplexity.ts";
import { vectorJson } from "../model/formats/vectorFolder.ts";

const NAME = "smollm2-135m-instruct";
const stored = await ModelStore.ofUser().find(NAME);
if (!stored)
  console.warn(
    `skipped: expected ${NAME} in the store (starkstream models pull ${NAME}, or tools/fetchSmollm2.ts), found none`,
  );

const checkpoint = stored && (await readCheckpoint(stored.source));

/** Against `transformers` on the same file (tools/smollm2Vectors.py). */
describe.skipIf(!checkpoint)("SmolLM2-135M-Instruct from its GGUF file", () => {
  const { model, tokenizer } = checkpoint ?? ({} as Checkpoint);
  const decoder = checkpoint && new FloatDecoder(model, 256);
  const vectors: { texts: { text: string; tokens: number[] }[]; window: number[]; loss: number } =
    vectorJson("smollm2.json");

  test("has the reference's tokens", () => {
    for (const { text, tokens } of vectors.texts) {
      expect(tokenizer.encode(text)).toEqual(tokens);
      expect(tokenizer.decode(tokens)).toBe(text.replaceAll(/<\|\w+\|>/g, ""));
    }
  });

  test("has the reference's loss", () => {
    const { window, loss } = vectors;
    decoder!.reset();
    const found = decoder!
      .steps(window.slice(0, -1))
      .reduce((sum, logits, i) => sum - logSoftmax(logits, 1)[window[i + 1]!]!, 0);
    expect(Math.abs(found / loss - 1)).toBeLessThan(1e-5);
  }, 240_000);

  test("is close to its integer model, calibrated on other text", () => {
    const turned = rotateResidual(model);
    const capacity = 256;
    const { window } = vectors;
    const ranges = observeRanges(turned, [...beginningsOf(tokenizer), window.slice(80)]);
    const { model: made } = quantize(turned, ranges, { capacity, normBits: 16, headroom: OBSERVED });
    expect(made.coarser?.some((c) => c > 0)).toBe(true);
    const integer = new Decoder(made, createKernels());
    const { tokens, divergence, agreement, ...perplexity } = compareModels(decoder!, integer, [
      window.slice(0, 80),
    ]);
    console.log({ tokens, divergence, agreement, ...perplexity });
    expect(tokens).toBe(79);
    expect(divergence).toBeLessThan(0.006);
    expect(agreement).toBeGreaterThan(0.92);
    expect(Math.abs(perplexity.integerPerplexity / perplexity.floatPerplexity - 1)).toBeLessThan(0.02);
  }, 240_000);

  test("answers a question", () => {
    const prompt = tokenizer.chat!([{ role: "user", content: "What is the capital of France?" }]);
    decoder!.reset();
    const answer = [argmax(decoder!.steps(tokenizer.encode(prompt)).at(-1)!)];
    while (!tokenizer.isEnd(answer.at(-1)!) && answer.length < 16)
      answer.push(argmax(decoder!.step(answer.at(-1)!)));
    expect(tokenizer.decode(answer)).toBe("The capital of France is Paris.");
  }, 240_000);
});
