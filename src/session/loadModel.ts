import { createKernels } from "../kernels/createKernels.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { parseLlama2c } from "../model/llama2c.ts";
import { parseModelFile } from "../model/modelFile.ts";
import { quantizeCheckpoint } from "../model/quantizeCheckpoint.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import { parseTokenizer } from "../model/tokenizerFile.ts";

/** A model and its tokenizer. */
export interface LoadedModel {
  /** With its weights. */
  readonly model: IntegerModel;
  /** Of the same vocabulary. */
  readonly tokenizer: Tokenizer;
}

/** "STKM": a quantized model with its tokenizer, as `tools/quantize.ts` writes it. */
const MAGIC = [0x53, 0x54, 0x4b, 0x4d];

/**
 * A model from its files' bytes: a llama2.c checkpoint, which is quantized here, and its tokenizer; or
 * one quantized model file, which has a tokenizer of its own.
 *
 * @throws if a file is none of these, truncated, or of another model than the other
 */
export async function loadModel(weights: Uint8Array, tokenizer?: Uint8Array): Promise<LoadedModel> {
  if (MAGIC.every((byte, i) => weights[i] === byte)) {
    const file = await parseModelFile(new Uint8Array(weights));
    return tokenizer
      ? { model: file.model, tokenizer: parseTokenizer(tokenizer, file.model.config.vocab) }
      : file;
  }
  const checkpoint = parseLlama2c(weights);
  if (!tokenizer) throw new Error("tokenizer: expected a file with the llama2.c checkpoint, found none");
  // before the work of quantizing
  const pieces = parseTokenizer(tokenizer, checkpoint.vocab);
  return { model: quantizeCheckpoint(checkpoint, { kernels: createKernels() }).model, tokenizer: pieces };
}
