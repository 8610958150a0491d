import { readFile, rm } from "node:fs/promises";
import process from "node:process";
import { createKernels } from "../../kernels/createKernels.ts";
import { ownStreams } from "../../model/calibration.ts";
import { type Comparison, compareModels } from "../../model/compareModels.ts";
import { Decoder } from "../../model/decoder.ts";
import { FloatDecoder } from "../../model/floatDecoder.ts";
import type { Checkpoint } from "../../model/formats/checkpoint.ts";
import { splitTexts, textWindows } from "../../model/perplexity.ts";
import { defaultCapacity, quantizeCheckpoint } from "../../model/quantizeCheckpoint.ts";
import type { Quantized } from "../../model/quantize.ts";
import { InputError, messageOf } from "../../session/inputError.ts";
import { parseQuantize, type QuantizeOptions } from "../options.ts";
import { writeModel } from "./keepQuantized.ts";
import { locate } from "./locate.ts";
import { ModelStore } from "./modelStore.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

/** `starkstream models quantize`: makes the integer model and says how far it is from the float one. */
export async function quantize(args: readonly string[]): Promise<number> {
  const options = parseQuantize(args);
  const store = ModelStore.ofUser();
  const { source, tokenizer: pieces, stored } = await locate(store, options.model, options.tokenizer);
  try {
    const checkpoint = await readCheckpoint(source, pieces);
    const { model: float, tokenizer } = checkpoint;
    const { capacity = defaultCapacity(float), json } = options;
    const windows = await windowsOf(checkpoint, capacity, options);
    const kernels = createKernels();
    const { model, errors } = quantizeCheckpoint(float, { capacity, kernels, bos: tokenizer.bos });
    if (stored) {
      // of the integer model before
      await rm(store.commitmentPath(stored.name, capacity), { force: true });
      await writeModel(store.quantizedPath(stored.name, capacity), { model, tokenizer });
    }
    const integer = new Decoder(model, kernels);
    const comparison = compareModels(new FloatDecoder(float, capacity), integer, windows);
    process.stdout.write(
      json ? `${JSON.stringify({ capacity, errors, ...comparison })}\n` : report(errors, comparison),
    );
  } catch (error) {
    throw new InputError(`${options.model}: ${messageOf(error)}`);
  }
  return 0;
}

/** Windows of the texts given, or of the model's own. */
async function windowsOf(
  { model, tokenizer }: Checkpoint,
  capacity: number,
  { text }: QuantizeOptions,
): Promise<number[][]> {
  if (text === undefined) return ownStreams(model, { capacity, samples: 1, seed: 3, bos: tokenizer.bos });
  const windows = textWindows(splitTexts(await readFile(text, "utf8")), tokenizer, capacity);
  return windows.filter((window) => window.length > 1);
}

function report(errors: Quantized["errors"], comparison: Comparison): string {
  const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
  const lines = Object.entries(errors).map(([name, layers]) => {
    const worst = Math.max(...layers);
    const where = layers.length > 1 ? `, at most ${percent(worst)} in layer ${layers.indexOf(worst)}` : "";
    const mean = Math.sqrt(layers.reduce((sum, error) => sum + error * error, 0) / layers.length);
    return `${name.padEnd(10)} weights changed by ${percent(mean)}${where}`;
  });
  const { tokens, floatPerplexity, integerPerplexity, divergence, agreement } = comparison;
  const change = integerPerplexity / floatPerplexity - 1;
  lines.push(
    `perplexity ${floatPerplexity.toFixed(4)} float, ${integerPerplexity.toFixed(4)} integer (${change < 0 ? "" : "+"}${percent(change)}), on ${tokens} tokens`,
    `divergence ${divergence.toFixed(6)} nats a token; the same favourite for ${percent(agreement)}`,
  );
  return `${lines.join("\n")}\n`;
}
