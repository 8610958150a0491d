import { basename } from "node:path";
import process from "node:process";
import { InputError, messageOf } from "../../session/inputError.ts";
import { parseAdd } from "../options.ts";
import { formatOf } from "./formatOf.ts";
import { ModelStore } from "./modelStore.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

/** `starkstream models add`: copies a model's files into the store, once they have been read. */
export async function add(args: readonly string[]): Promise<number> {
  const { file, tokenizer, name = nameOf(file) } = parseAdd(args);
  try {
    if ((await formatOf(file)) !== "integer") await readCheckpoint(file, tokenizer);
  } catch (error) {
    throw new InputError(`${file}: ${messageOf(error)}`);
  }
  await ModelStore.ofUser().add({ name, source: file, tokenizer, licence: "unknown", move: false });
  process.stderr.write(`added ${name}\n`);
  return 0;
}

/** "a/My-Model.Q4_1.gguf": "my-model.q4_1" */
function nameOf(file: string): string {
  return basename(file)
    .replace(/\.(gguf|bin|stkm)$/, "")
    .toLowerCase();
}
