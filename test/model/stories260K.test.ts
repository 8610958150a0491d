import { expect, test } from "bun:test";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { Decoder, argmax } from "../../src/model/decoder.ts";
import { FloatDecoder } from "../../src/model/floatDecoder.ts";
import { parseLlama2c } from "../../src/model/llama2c.ts";
import { perplexity, splitTexts, textWindows } from "../../src/model/perplexity.ts";
import { quantizeCheckpoint } from "../../src/model/quantizeCheckpoint.ts";
import { floatScorer, integerScorer } from "../../src/model/scorers.ts";
import { parseTokenizer } from "../../src/model/tokenizerFile.ts";
import { hasShared, readShared } from "./shared.ts";

interface ReferenceRun {
  readonly promptTokens: number[];
  readonly greedyTokens: number[];
  readonly logits: { position: number; top5: [number, number][] }[];
}

const present = hasShared("models/stories260K/stories260K.bin");
const text = (path: string) => new TextDecoder().decode(readShared(path));
const load = () => parseLlama2c(readShared("models/stories260K/stories260K.bin"));
const runs = (): ReferenceRun[] => JSON.parse(text("models/stories260K/reference.json")).runs;

/** How many tokens after the prompt are the reference's, when each is decoded from its predecessors. */
function agreement(run: ReferenceRun, step: (token: number) => number): number {
  let i = 0;
  for (; i + 1 < run.greedyTokens.length; i++) {
    const next = step(run.greedyTokens[i]!);
    if (i + 1 >= run.promptTokens.length && next !== run.greedyTokens[i + 1]) break;
  }
  return i + 1 - run.promptTokens.length;
}

test.skipIf(!present)("the float decoder gives the reference's tokens and logits", () => {
  const model = load();
  for (const run of runs()) {
    const decoder = new FloatDecoder(model, run.greedyTokens.length);
    const wanted = new Map(run.logits.map(({ position, top5 }) => [position, top5]));
    const agreed = agreement(run, (token) => {
      const position = decoder.position;
      const logits = decoder.step(token);
      for (const [id, logit] of wanted.get(position) ?? []) expect(logits[id]).toBeCloseTo(logit, 3);
      return argmax(logits);
    });
    expect(agreed).toBe(run.greedyTokens.length - run.promptTokens.length);
  }
});

test.skipIf(!present)(
  "the integer model follows the reference and keeps the perplexity",
  () => {
    const checkpoint = load();
    const kernels = createKernels();
    const { model } = quantizeCheckpoint(checkpoint, { capacity: 256, kernels });
    const agreed = runs().map((run) => {
      const decoder = new Decoder(model);
      return agreement(run, (token) => decoder.step(token));
    });
    expect(agreed.filter((tokens) => tokens >= 48).length).toBeGreaterThanOrEqual(3);

    const tokenizer = parseTokenizer(readShared("models/stories260K/tok512.bin"), checkpoint.vocab);
    const windows = textWindows(splitTexts(text("text/tinystories_sample.txt")), tokenizer, 256);
    const float = perplexity(floatScorer(checkpoint, 256), windows);
    const integer = perplexity(integerScorer(model, kernels), windows);
    expect(Math.abs(integer.perplexity / float.perplexity - 1)).toBeLessThan(0.003);
  },
  120_000,
);
