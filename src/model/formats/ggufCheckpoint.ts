import type { Architecture } from "../floatModel.ts";
import { rotaryFrequencies } from "../rotary.ts";
import { assembleModel } from "./assembleModel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type GgufMetadata, readGguf } from "./gguf.ts";
import { ggufTokenizer } from "./ggufTokenizer.ts";
import { GGUF_GPT2_PLACES, ggufLlamaPlaces, type Places } from "./places.ts";
import type { RandomAccess } from "./randomAccess.ts";
import type { TensorSet } from "./tensorSet.ts";

/** A model and its tokenizer from one GGUF file, of Llama's family, Qwen2's or GPT-2's. */
export async function readGgufCheckpoint(file: RandomAccess): Promise<Checkpoint> {
  const { tensors, metadata } = await readGguf(file);
  const { architecture, places } = await describe(metadata, tensors);
  const model = await assembleModel(architecture, places, tensors);
  return { model, tokenizer: ggufTokenizer(metadata, architecture.vocab) };
}

async function describe(
  metadata: GgufMetadata,
  tensors: TensorSet,
): Promise<{ architecture: Architecture; places: Places }> {
  const kind = metadata.text("general.architecture");
  const number = (key: string, fallback?: number) => metadata.number(`${kind}.${key}`, fallback);
  if (!["llama", "qwen2", "gpt2"].includes(kind))
    metadata.wrong("general.architecture", "llama, qwen2 or gpt2", kind);
  const gpt2 = kind === "gpt2";
  const dim = number("embedding_length");
  const heads = number("attention.head_count");
  const headDim = dim / heads;
  for (const key of gpt2 ? [] : ["attention.key_length", "rope.dimension_count"]) {
    if (number(key, headDim) !== headDim) metadata.wrong(`${kind}.${key}`, `${headDim}`, number(key));
  }
  const architecture: Architecture = {
    dim,
    hidden: number("feed_forward_length"),
    layers: number("block_count"),
    heads,
    kvHeads: number("attention.head_count_kv", heads),
    headDim,
    vocab: tensors.shapeOf("token_embd.weight")[0] ?? 0,
    sequence: number("context_length"),
    norm: gpt2 ? "layer" : "rms",
    epsilon: number(gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"),
    activation: gpt2 ? "gelu" : "silu",
    ...(gpt2 ? {} : { frequencies: await frequenciesOf(metadata, tensors, kind, headDim) }),
    biases: gpt2 ? "all" : kind === "qwen2" ? "qkv" : "none",
    tied: !tensors.has("output.weight"),
  };
  return { architecture, places: gpt2 ? GGUF_GPT2_PLACES : ggufLlamaPlaces(kind === "qwen2") };
}

/** Scaled rotations come as a tensor of divisors. */
async function frequenciesOf(metadata: GgufMetadata, tensors: TensorSet, kind: string, headDim: number) {
  const scaling = metadata.get(`${kind}.rope.scaling.type`) ?? "none";
  if (scaling !== "none") metadata.wrong(`${kind}.rope.scaling.type`, "none", scaling);
  const base = metadata.number(`${kind}.rope.freq_base`, 10000);
  if (!(base >= 1 && base <= 2 ** 40))
    metadata.wrong(`${kind}.rope.freq_base`, "a number in [1, 2^40]", base);
  if (!(headDim >= 2 && headDim <= 4096))
    metadata.wrong(`${kind}.attention.head_count`, "heads of 2 to 4096 channels", headDim);
  const frequencies = rotaryFrequencies(headDim, base);
  if (!tensors.has("rope_freqs.weight")) return frequencies;
  const divisors = await tensors.read("rope_freqs.weight", [headDim / 2]);
  return frequencies.map((frequency, i) => frequency / divisors[i]!);
}
