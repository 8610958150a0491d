import { existsSync } from "node:fs";
import { expected } from "../../session/inputError.ts";
import type { ModelStore, StoredModel } from "./modelStore.ts";

/** The files of a float model: of one in the store, which is then named too, or at a path. */
export interface Located {
  readonly source: string;
  readonly tokenizer?: string;
  readonly stored?: StoredModel;
}

/** @throws InputError if there is no such file and no such model */
export async function locate(store: ModelStore, model: string, tokenizer?: string): Promise<Located> {
  if (existsSync(model)) return { source: model, tokenizer };
  const stored = await store.find(model);
  if (!stored) throw expected("model", "a file, or a model in the store", JSON.stringify(model));
  return { source: stored.source, tokenizer: stored.tokenizer ?? tokenizer, stored };
}
