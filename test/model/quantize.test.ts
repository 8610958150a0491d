import { describe, expect, test } from "bun:test";
import { divideTexts, ownStreams } from "../../src/model/calibration.ts";
import { Decoder } from "../../src/model/decoder.ts";
import { FloatDecoder } from "../../src/model/floatDecoder.ts";
import { parseLlama2c } from "../../src/model/llama2c.ts";
import { perplexity, splitTexts, textWindows } from "../../src/model/perplexity.ts";
import { quantizeCheckpoint } from "../../src/model/quantizeCheckpoint.ts";
import { rotateResidual } from "../../src/model/rotateResidual.ts";
import { parseTokenizer } from "../../src/model/tokenizerFile.ts";
import { TINY_HEADER, tinyCheckpoint, tinyTokenizer } from "./checkpoint.ts";

test("turning the residual stream changes no logit", () => {
  for (const header of [TINY_HEADER, [24, 20, 2, 3, 1, -16, 32], [60, 20, 1, 3, 1, 16, 8]]) {
    const model = parseLlama2c(tinyCheckpoint(header));
    const [plain, turned] = [new FloatDecoder(model), new FloatDecoder(rotateResidual(model))];
    for (const token of [1, 5, 9, 2]) {
      const expected = plain.step(token);
      turned.step(token).forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 4));
    }
  }
});

test("a channel that towers above the others is spread evenly, at SmolLM2's width too", () => {
  for (const dim of [12, 48, 576, 960]) {
    const model = parseLlama2c(tinyCheckpoint([dim, 2, 1, dim / 2, 1, 2, 2]));
    const embedding = model.embedding.map((_, i) => (i % dim === 5 ? 1 : 0));
    const turned = rotateResidual({ ...model, embedding }).embedding;
    for (const value of turned) expect(Math.abs(value)).toBeCloseTo(1 / Math.sqrt(dim), 6);
  }
});

describe("quantizeCheckpoint", () => {
  test("comes close to the float model, the same every time", () => {
    const checkpoint = parseLlama2c(tinyCheckpoint());
    const { model, chosen } = quantizeCheckpoint(checkpoint);
    expect(model.config.capacity).toBe(32);
    expect(chosen.divergence).toBeLessThan(1e-3);
    expect(Bun.deepEquals(quantizeCheckpoint(checkpoint).model, model)).toBe(true);

    const [stream] = ownStreams(checkpoint, { capacity: 32, samples: 0 });
    const [float, integer] = [new FloatDecoder(checkpoint), new Decoder(model)];
    for (const token of stream!) {
      const expected = float.step(token);
      integer.step(token);
      expected.forEach((logit, i) =>
        expect(Math.abs(integer.logits[i]! / model.scales.logit - logit)).toBeLessThan(0.2),
      );
    }
  });

  test("is calibrated on texts that are given", () => {
    const checkpoint = parseLlama2c(tinyCheckpoint());
    const texts = [
      [1, 5, 9, 2],
      [1, 3, 3, 3, 3],
      [1, 7, 8],
    ];
    const { model, chosen } = quantizeCheckpoint(checkpoint, { texts });
    expect(chosen.divergence).toBeLessThan(1e-2);
    expect(Bun.deepEquals(quantizeCheckpoint(checkpoint).model.weights, model.weights)).toBe(false);
  });

  test("texts are divided: every third is kept to try on", () => {
    const texts = Array.from({ length: 9 }, (_, i) => [i, i, i, i]);
    expect(divideTexts(texts, 3, { first: 7, second: 3 })).toEqual([
      [0, 1, 3].map((i) => [i, i, i]),
      [[2, 2, 2]],
    ]);
    expect(divideTexts([[1, 2]], 3, { first: 0, second: 0 })).toEqual([[[1, 2]], [[1, 2]]]);
    expect(() => divideTexts([], 3, { first: 1, second: 1 })).toThrow("expected at least one text");
  });

  test("refuses architectures that the integer model lacks", () => {
    const wide = parseLlama2c(tinyCheckpoint([4104, 4, 1, 1, 1, 16, 8]));
    expect(() => quantizeCheckpoint(wide)).toThrow("expected dim to be an integer in [1, 4096], found 4104");
    const threes = parseLlama2c(tinyCheckpoint([12, 4, 1, 2, 1, 16, 8]));
    expect(() => quantizeCheckpoint(threes)).toThrow(
      "expected headDim to be a power of two, at least 2, found 6",
    );
    expect(() => quantizeCheckpoint(parseLlama2c(tinyCheckpoint()), { capacity: 64 })).toThrow(
      "expected capacity ≤ sequence = 32, found 64",
    );
  });
});

describe("perplexity", () => {
  test("of uniform predictions is the vocabulary's size", () => {
    const uniform = { reset: () => {}, step: () => [1, 1, 1, 1], logitScale: 1 };
    expect(
      perplexity(uniform, [
        [1, 2, 3],
        [1, 0],
      ]),
    ).toEqual({ perplexity: 4, loss: Math.log(4), scored: 3 });
    expect(() => perplexity(uniform, [[1]])).toThrow(
      "expected at least one window of two tokens, found none",
    );
  });

  test("windows do not overlap and predict every token but BOS", () => {
    const tokenizer = parseTokenizer(tinyTokenizer(), 16);
    const texts = splitTexts("abc\n<|endoftext|>\n d \n<|endoftext|>\n");
    expect(texts).toEqual(["abc", "d"]);
    expect(textWindows(texts, tokenizer, 2)).toEqual([
      [1, 7, 5],
      [5, 10],
      [1, 3, 11],
    ]);
  });
});
