import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createKernels } from "../kernels/createKernels.ts";
import { embeddedModel } from "../model/embeddedModel.ts";
import { quantizeCheckpoint } from "../model/quantizeCheckpoint.ts";
import { InputError, messageOf } from "../session/inputError.ts";
import { type LoadedModel, loadModel } from "../session/loadModel.ts";
import { formatOf } from "./models/formatOf.ts";
import { keepQuantized } from "./models/keepQuantized.ts";
import { ModelStore } from "./models/modelStore.ts";
import { readCheckpoint } from "./models/readCheckpoint.ts";

/** A model as the command line names it. */
export interface LoadedFiles extends LoadedModel {
  /** Its name in the store, if it is there. */
  readonly stored?: string;
  /** The file of the commitment to its weights, if one is kept. */
  readonly commitment?: string;
}

/**
 * The model of `--model` and `--tokenizer`: a file, a directory, or the name of one in the store; or the
 * embedded one.
 *
 * @throws InputError, one line
 */
export async function loadModelFiles(files: {
  readonly model?: string;
  readonly tokenizer?: string;
}): Promise<LoadedFiles> {
  const { model, tokenizer } = files;
  if (model === undefined) return await embeddedModel();
  if (!existsSync(model)) return await loadStored(model);
  const names = tokenizer === undefined ? model : `${model}, ${tokenizer}`;
  try {
    const format = await formatOf(model);
    if (format === "hub" || format === "gguf") {
      const checkpoint = await readCheckpoint(model);
      const settings = { kernels: createKernels(), bos: checkpoint.tokenizer.bos };
      return { model: quantizeCheckpoint(checkpoint.model, settings).model, tokenizer: checkpoint.tokenizer };
    }
  } catch (error) {
    throw new InputError(`${names}: ${messageOf(error)}`);
  }
  const weights = await read("--model", model);
  const pieces = tokenizer === undefined ? undefined : await read("--tokenizer", tokenizer);
  try {
    return await loadModel(weights, pieces);
  } catch (error) {
    throw new InputError(`${names}: ${messageOf(error)}`);
  }
}

async function loadStored(name: string): Promise<LoadedFiles> {
  const store = ModelStore.ofUser();
  const stored = await store.find(name);
  if (!stored)
    throw new InputError(
      `--model ${name}: expected a readable file, or a model of "starkstream models list", found neither`,
    );
  try {
    const file = await keepQuantized(store, stored);
    const commitment = store.commitmentPath(stored.name, file.model.config.capacity);
    return { ...file, stored: stored.name, ...(existsSync(commitment) && { commitment }) };
  } catch (error) {
    throw new InputError(`${name}: ${messageOf(error)}`);
  }
}

async function read(flag: string, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new InputError(`${flag} ${path}: expected a readable file, found: ${messageOf(error)}`);
  }
}
