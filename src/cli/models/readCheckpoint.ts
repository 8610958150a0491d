import { readFile } from "node:fs/promises";
import type { Checkpoint } from "../../model/formats/checkpoint.ts";
import { readGgufCheckpoint } from "../../model/formats/ggufCheckpoint.ts";
import { readHubCheckpoint } from "../../model/formats/hubCheckpoint.ts";
import { parseLlama2c } from "../../model/llama2c.ts";
import { parseTokenizer } from "../../model/tokenizerFile.ts";
import { nodeModelFolder, nodeRandomAccess } from "../../session/adapters/nodeModelFiles.ts";
import { formatOf } from "./formatOf.ts";

/** The float model of a file or directory, of whatever format. */
export async function readCheckpoint(path: string, tokenizer?: string): Promise<Checkpoint> {
  const format = await formatOf(path);
  if (format === "integer") throw new Error("expected a float model, found one that is quantized");
  if (format === "gguf") return await readGgufCheckpoint(await nodeRandomAccess(path));
  if (format === "hub") return await readHubCheckpoint(nodeModelFolder(path));
  if (tokenizer === undefined)
    throw new Error("tokenizer: expected a file with the llama2.c checkpoint, found none");
  const model = parseLlama2c(new Uint8Array(await readFile(path)));
  return { model, tokenizer: parseTokenizer(new Uint8Array(await readFile(tokenizer)), model.vocab) };
}
