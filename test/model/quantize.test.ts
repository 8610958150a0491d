import { beforeAll, describe, expect, test } from "bun:test";
import { ownStreams } from "../../src/model/calibration.ts";
import { Decoder } from "../../src/model/decoder.ts";
import { FloatDecoder } from "../../src/model/floatDecoder.ts";
import type { FloatModel } from "../../src/model/floatModel.ts";
import { foldLayerNorm } from "../../src/model/foldLayerNorm.ts";
import { readHubCheckpoint } from "../../src/model/formats/hubCheckpoint.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import { parseLlama2c } from "../../src/model/llama2c.ts";
import { perplexity, splitTexts, textWindows } from "../../src/model/perplexity.ts";
import { quantizeCheckpoint } from "../../src/model/quantizeCheckpoint.ts";
import { rotateResidual } from "../../src/model/rotateResidual.ts";
import { parseTokenizer } from "../../src/model/tokenizerFile.ts";
import { TINY_HEADER, tinyCheckpoint, tinyTokenizer } from "./checkpoint.ts";
import { vectorFolder } from "./formats/vectorFolder.ts";
import { GPT2, QWEN2, randomNumbers } from "./tinyModel.ts";

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

describe.each(["qwen2", "gpt2"])("%s", (name) => {
  let checkpoint: FloatModel;
  beforeAll(async () => {
    checkpoint = (await readHubCheckpoint(vectorFolder(name))).model;
  });

  test("folding its norms and turning the residual stream changes no logit", () => {
    const folded = foldLayerNorm(checkpoint);
    const [plain, turned] = [new FloatDecoder(checkpoint), new FloatDecoder(rotateResidual(folded))];
    for (const token of [1, 5, 9, 2, 31, 0]) {
      const expected = plain.step(token);
      turned.step(token).forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 5));
    }
    // no mean is left for a LayerNorm to take away
    if (checkpoint.norm === "layer")
      new FloatDecoder(folded).steps([1, 5, 9], (what, _, values) => {
        if (what === "h")
          expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(1e-6);
      });
  });

  test("the integer model comes close to it, and not without any of its biases or positions", () => {
    const { model, chosen } = quantizeCheckpoint(checkpoint);
    expect(chosen.divergence).toBeLessThan(2e-4);
    expect(model.config.biases).toEqual((name === "gpt2" ? GPT2 : QWEN2).biases);
    const [stream] = ownStreams(checkpoint, { capacity: 32, samples: 0 }) as [number[]];
    const distance = (other: IntegerModel) => {
      const [float, integer] = [new FloatDecoder(checkpoint), new Decoder(other)];
      let worst = 0;
      for (const token of stream) {
        const expected = float.step(token);
        integer.step(token);
        expected.forEach((logit, i) => {
          worst = Math.max(worst, Math.abs(integer.logits[i]! / model.scales.logit - logit));
        });
      }
      return worst;
    };
    const found = distance(model);
    expect(found).toBeLessThan(0.1);
    for (const bias of model.config.biases) {
      const biases = { ...model.biases, [bias]: model.biases[bias].map(() => 0) };
      expect([bias, distance({ ...model, biases }) > 3 * found]).toEqual([bias, true]);
    }
    const positions = model.weights.positions.map(() => 0);
    if (name === "gpt2")
      expect(distance({ ...model, weights: { ...model.weights, positions } })).toBeGreaterThan(3 * found);
  });
});

test("a LayerNorm can be folded whatever surrounds it", () => {
  const random = randomNumbers(5);
  const vector = (n: number) => Float32Array.from({ length: n }, () => 2 * random() - 1);
  const llama = parseLlama2c(tinyCheckpoint([24, 20, 2, 6, 3, -16, 32]));
  const model: FloatModel = {
    ...llama,
    norm: "layer",
    attentionShift: vector(2 * 24),
    mlpShift: vector(2 * 24),
    finalShift: vector(24),
    biases: "all",
    bq: vector(2 * 24),
    bk: vector(2 * 12),
    bv: vector(2 * 12),
    bo: vector(2 * 24),
    bGate: vector(2 * 20),
    bUp: vector(2 * 20),
    bDown: vector(2 * 24),
  };
  const noBiases = { bq: undefined, bk: undefined, bv: undefined, bo: undefined, bDown: undefined };
  for (const source of [model, { ...model, ...noBiases, bGate: undefined, bUp: undefined }]) {
    const [plain, folded] = [
      new FloatDecoder(source),
      new FloatDecoder(rotateResidual(foldLayerNorm(source))),
    ];
    for (const token of [1, 5, 9, 2]) {
      const expected = plain.step(token);
      folded.step(token).forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 4));
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
