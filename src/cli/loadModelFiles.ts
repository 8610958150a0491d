import { readFile } from "node:fs/promises";
import { embeddedModel } from "../model/embeddedModel.ts";
import { InputError, messageOf } from "../session/inputError.ts";
import { type LoadedModel, loadModel } from "../session/loadModel.ts";

/**
 * The model of `--model` and `--tokenizer`, or the embedded one.
 *
 * @throws InputError, one line
 */
export async function loadModelFiles(files: {
  readonly model?: string;
  readonly tokenizer?: string;
}): Promise<LoadedModel> {
  const { model, tokenizer } = files;
  if (model === undefined) return await embeddedModel();
  const weights = await read("--model", model);
  const pieces = tokenizer === undefined ? undefined : await read("--tokenizer", tokenizer);
  try {
    return await loadModel(weights, pieces);
  } catch (error) {
    const names = tokenizer === undefined ? model : `${model}, ${tokenizer}`;
    throw new InputError(`${names}: ${messageOf(error)}`);
  }
}

async function read(flag: string, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new InputError(`${flag} ${path}: expected a readable file, found: ${messageOf(error)}`);
  }
}
