import { readFile, rename, writeFile } from "node:fs/promises";
import { createKernels } from "../../kernels/createKernels.ts";
import { beginningsOf } from "../../model/beginnings.ts";
import { type ModelFile, parseModelFile, serializeModelFile } from "../../model/modelFile.ts";
import { defaultCapacity, quantizeCheckpoint } from "../../model/quantizeCheckpoint.ts";
import type { ModelStore, StoredModel } from "./modelStore.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

/** The integer model of a stored one: from the store, or quantized now and kept there. */
export async function keepQuantized(store: ModelStore, stored: StoredModel): Promise<ModelFile> {
  if (stored.format === "integer") return await parseModelFile(await bytesOf(stored.source));
  const newest = stored.quantized.at(-1);
  if (newest !== undefined)
    return await parseModelFile(await bytesOf(store.quantizedPath(stored.name, newest)));
  const checkpoint = await readCheckpoint(stored.source, stored.tokenizer);
  const { tokenizer } = checkpoint;
  const capacity = defaultCapacity(checkpoint.model);
  const { model } = quantizeCheckpoint(checkpoint.model, {
    capacity,
    kernels: createKernels(),
    beginnings: beginningsOf(tokenizer),
  });
  await writeModel(store.quantizedPath(stored.name, capacity), { model, tokenizer });
  return { model, tokenizer };
}

/** So that the file is either there as a whole or not at all. */
export async function writeModel(path: string, file: ModelFile): Promise<void> {
  await writeFile(`${path}.tmp`, await serializeModelFile(file));
  await rename(`${path}.tmp`, path);
}

const bytesOf = async (path: string) => new Uint8Array(await readFile(path));
