/**
 * How far the integer model of a checkpoint is from its float source: perplexity of both on text
 * files (stories separated by <|endoftext|>; .gz is unpacked), and for how many tokens the greedy
 * continuations of a few prompts agree.
 *
 *   bun tools/quantizeReport.ts <model.bin> <tokenizer.bin> <capacity> <text>...
 */
import { createKernels } from "../src/kernels/createKernels.ts";
import { argmax, Decoder } from "../src/model/decoder.ts";
import { FloatDecoder } from "../src/model/floatDecoder.ts";
import { parseLlama2c } from "../src/model/llama2c.ts";
import { perplexity, splitTexts, textWindows } from "../src/model/perplexity.ts";
import { quantizeCheckpoint } from "../src/model/quantizeCheckpoint.ts";
import { floatScorer, integerScorer } from "../src/model/scorers.ts";
import { parseTokenizer } from "../src/model/tokenizerFile.ts";

const PROMPTS = ["Once upon a time", "Lily and Tom were", "One day, a little dog", "The sun was"];
const GREEDY_TOKENS = 120;

const [modelPath, tokenizerPath, capacityText, ...texts] = process.argv.slice(2);
if (!modelPath || !tokenizerPath || !capacityText) {
  console.error("usage: bun tools/quantizeReport.ts <model.bin> <tokenizer.bin> <capacity> <text>...");
  process.exit(2);
}
const capacity = Number(capacityText);
const checkpoint = parseLlama2c(await Bun.file(modelPath).bytes());
const tokenizer = parseTokenizer(await Bun.file(tokenizerPath).bytes(), checkpoint.vocab);
const { model, chosen } = quantizeCheckpoint(checkpoint, { capacity, kernels: createKernels() });
console.log(`capacity ${capacity}, ${JSON.stringify(chosen)}`);
for (const prompt of PROMPTS)
  console.log(`"${prompt}": ${agreement(prompt)} of ${GREEDY_TOKENS} greedy tokens agree`);
for (const path of texts) {
  const windows = textWindows(splitTexts(await readText(path)), tokenizer, capacity);
  const float = perplexity(floatScorer(checkpoint, capacity), windows);
  const integer = perplexity(integerScorer(model, createKernels()), windows);
  const change = (integer.perplexity / float.perplexity - 1) * 100;
  console.log(
    `${path.split("/").at(-1)}: ${float.scored} tokens, float ${float.perplexity.toFixed(4)}, ` +
      `integer ${integer.perplexity.toFixed(4)} (${change >= 0 ? "+" : ""}${change.toFixed(3)} %)`,
  );
}

/** How many tokens both decoders choose alike before they part. */
function agreement(prompt: string): number {
  const tokens = tokenizer.encode(prompt);
  const [float, integer] = [new FloatDecoder(checkpoint, capacity), new Decoder(model)];
  const start = tokens.length;
  for (let i = 0; tokens.length < start + GREEDY_TOKENS; i++) {
    const expected = argmax(float.step(tokens[i]!));
    const found = integer.step(tokens[i]!);
    if (i + 1 < start) continue;
    if (found !== expected) break;
    tokens.push(found);
  }
  return tokens.length - start;
}

async function readText(path: string): Promise<string> {
  const bytes = await Bun.file(path).bytes();
  return new TextDecoder().decode(path.endsWith(".gz") ? Bun.gunzipSync(bytes) : bytes);
}
