/**
 * Perplexity of a checkpoint and of its integer model on text files (stories separated by
 * <|endoftext|>; .gz is unpacked):
 *
 *   bun tools/perplexity.ts <model.bin> <tokenizer.bin> <capacity> <text>...
 */
import { createKernels } from "../src/kernels/createKernels.ts";
import { parseLlama2c } from "../src/model/llama2c.ts";
import { perplexity, splitTexts, textWindows } from "../src/model/perplexity.ts";
import { quantizeCheckpoint } from "../src/model/quantizeCheckpoint.ts";
import { floatScorer, integerScorer } from "../src/model/scorers.ts";
import { parseTokenizer } from "../src/model/tokenizerFile.ts";

const [modelPath, tokenizerPath, capacityText, ...texts] = process.argv.slice(2);
if (!modelPath || !tokenizerPath || !capacityText || texts.length === 0) {
  console.error("usage: bun tools/perplexity.ts <model.bin> <tokenizer.bin> <capacity> <text>...");
  process.exit(2);
}
const capacity = Number(capacityText);
const checkpoint = parseLlama2c(await Bun.file(modelPath).bytes());
const tokenizer = parseTokenizer(await Bun.file(tokenizerPath).bytes(), checkpoint.vocab);
const { model, chosen } = quantizeCheckpoint(checkpoint, { capacity, kernels: createKernels() });
console.log(`capacity ${capacity}, ${JSON.stringify(chosen)}`);
for (const path of texts) {
  const windows = textWindows(splitTexts(await readText(path)), tokenizer, capacity);
  const float = perplexity(floatScorer(checkpoint, capacity), windows);
  const integer = perplexity(integerScorer(model, createKernels()), windows);
  const change = (integer.perplexity / float.perplexity - 1) * 100;
  const name = path.split("/").at(-1);
  console.log(
    `${name}: ${float.scored} tokens, float ${float.perplexity.toFixed(4)}, ` +
      `integer ${integer.perplexity.toFixed(4)} (${change >= 0 ? "+" : ""}${change.toFixed(3)} %)`,
  );
}

async function readText(path: string): Promise<string> {
  const bytes = await Bun.file(path).bytes();
  return new TextDecoder().decode(path.endsWith(".gz") ? Bun.gunzipSync(bytes) : bytes);
}
