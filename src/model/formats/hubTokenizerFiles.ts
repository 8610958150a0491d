import { HubTokenizer } from "../hubTokenizer.ts";
import type { JsonObject } from "./jsonObject.ts";
import { type ModelFolder, readJson, readSmall } from "./modelFolder.ts";

/** The tokenizer of tokenizer.json; its special tokens and template from the files beside it. */
export async function hubTokenizer(
  folder: ModelFolder,
  config: JsonObject,
  vocab: number,
): Promise<HubTokenizer> {
  const tokenizer = await readJson(folder, "tokenizer.json");
  if (!tokenizer) throw new Error(`${folder.name}: expected a tokenizer.json, found none`);
  const settings = await readJson(folder, "tokenizer_config.json");
  const generation = await readJson(folder, "generation_config.json");
  // newer files have the template by itself
  const file = await readSmall(folder, "chat_template.jinja");
  const template = file ? new TextDecoder().decode(file) : settings?.get("chat_template");
  const ends = [...new Set([generation, config].flatMap((file) => tokensOf(file, "eos_token_id")))];
  const bos = tokensOf(config, "bos_token_id")[0] ?? ends[0];
  if (bos === undefined) return config.wrong("bos_token_id", "a token", "none");
  return new HubTokenizer(
    { tokenizer: tokenizer.fields, bos, ends, template: typeof template === "string" ? template : undefined },
    vocab,
  );
}

/** A token, several, or none. */
function tokensOf(file: JsonObject | undefined, key: string): number[] {
  const value = file?.get(key) ?? [];
  const tokens = Array.isArray(value) ? value : [value];
  return tokens.every((token) => typeof token === "number") ? tokens : file!.wrong(key, "tokens", value);
}
