import process from "node:process";
import { fileBytes } from "../../session/adapters/fileBytes.ts";
import { hexOfWords } from "../../session/hex.ts";
import { InputError, messageOf } from "../../session/inputError.ts";
import { readCommitmentHeader } from "../../whir/commitmentFile.ts";
import { parseInspect } from "../options.ts";
import { locate } from "./locate.ts";
import { ModelStore, type StoredModel } from "./modelStore.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

/** `starkstream models inspect`: what a float model is, from its files. */
export async function inspect(args: readonly string[]): Promise<number> {
  const { model: name, tokenizer: pieces, json } = parseInspect(args);
  const { source, tokenizer: path, stored } = await locate(ModelStore.ofUser(), name, pieces);
  try {
    const { model, tokenizer } = await readCheckpoint(source, path);
    const arrays = Object.values(model).filter((value) => value instanceof Float32Array);
    const facts = {
      parameters: [...new Set(arrays)].reduce((sum, { length }) => sum + length, 0),
      dim: model.dim,
      hidden: model.hidden,
      layers: model.layers,
      heads: model.heads,
      kvHeads: model.kvHeads,
      vocab: model.vocab,
      sequence: model.sequence,
      norm: model.norm === "rms" ? "RMSNorm" : "LayerNorm",
      epsilon: model.epsilon,
      activation: model.activation === "silu" ? "gated SiLU" : "GELU",
      positions: model.frequencies ? "rotary" : "learned",
      biases: model.biases,
      tied: model.tied,
      conversations: tokenizer.chat !== undefined,
      ...(stored && madeOf(stored)),
    };
    process.stdout.write(
      json
        ? `${JSON.stringify(facts)}\n`
        : Object.entries(facts)
            .map(([key, value]) => `${key.padEnd(14)}${value}\n`)
            .join(""),
    );
  } catch (error) {
    throw new InputError(`${name}: ${messageOf(error)}`);
  }
  return 0;
}

/** What the store keeps beside the float model: capacities, and the roots of commitments. */
function madeOf({ quantized, commitments }: StoredModel) {
  const roots = commitments.map(({ path }) => hexOfWords(readCommitmentHeader(fileBytes(path)).root));
  return {
    ...(quantized.length > 0 && { quantized }),
    ...(roots.length > 0 && { committed: commitments.map(({ capacity }) => capacity), roots }),
  };
}
