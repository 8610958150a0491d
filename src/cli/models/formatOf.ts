import { stat } from "node:fs/promises";
import { isGguf } from "../../model/formats/gguf.ts";
import { nodeRandomAccess } from "../../session/adapters/nodeModelFiles.ts";

/** A directory of Hugging Face's hub; a GGUF file; an integer model; llama2.c's, which has no mark of its own. */
export type Format = "hub" | "gguf" | "integer" | "llama2c";

const INTEGER_MAGIC = "STKM";

/** What a file or directory seems to be. @throws if there is none */
export async function formatOf(path: string): Promise<Format> {
  if ((await stat(path)).isDirectory()) return "hub";
  const file = await nodeRandomAccess(path);
  if (await isGguf(file)) return "gguf";
  const begin = new TextDecoder().decode(await file.read(0, Math.min(4, file.size)));
  return begin === INTEGER_MAGIC ? "integer" : "llama2c";
}
