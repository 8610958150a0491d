import { assembleModel } from "./assembleModel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { hubArchitecture } from "./hubConfig.ts";
import { hubTokenizer } from "./hubTokenizerFiles.ts";
import { type ModelFolder, readJson } from "./modelFolder.ts";
import { HUB_LLAMA_PLACES, hubGpt2Places } from "./places.ts";
import { addSafetensors } from "./safetensors.ts";
import { TensorSet } from "./tensorSet.ts";

const MAX_SHARDS = 1000;

/** A model and its tokenizer from a folder as Hugging Face's hub has them: config.json, safetensors, tokenizer.json. */
export async function readHubCheckpoint(folder: ModelFolder): Promise<Checkpoint> {
  const config = await readJson(folder, "config.json");
  if (!config) throw new Error(`${folder.name}: expected a config.json, found none`);
  const architecture = hubArchitecture(config);
  const tensors = await openTensors(folder);
  const places =
    config.get("model_type") === "gpt2"
      ? hubGpt2Places(tensors.has("wte.weight") ? "" : "transformer.")
      : HUB_LLAMA_PLACES;
  const model = await assembleModel(architecture, places, tensors);
  return { model, tokenizer: await hubTokenizer(folder, config, architecture.vocab) };
}

/** One file, or those that an index names. */
async function openTensors(folder: ModelFolder): Promise<TensorSet> {
  const tensors = new TensorSet();
  const single = await folder.open("model.safetensors");
  if (single) {
    await addSafetensors(tensors, single);
    return tensors;
  }
  const index = await readJson(folder, "model.safetensors.index.json");
  if (!index) throw new Error(`${folder.name}: expected model.safetensors or its index, found neither`);
  const shards = new Set(Object.values(index.object("weight_map")?.fields ?? {}));
  if (shards.size < 1 || shards.size > MAX_SHARDS)
    index.wrong("weight_map", `1 to ${MAX_SHARDS} files`, shards.size);
  for (const shard of shards) {
    if (typeof shard !== "string" || !/^[\w.-]+\.safetensors$/.test(shard))
      return index.wrong("weight_map", "names of safetensors files", shard);
    const file = await folder.open(shard);
    if (!file) return index.wrong("weight_map", `a file ${shard}`, "none");
    await addSafetensors(tensors, file);
  }
  return tensors;
}
