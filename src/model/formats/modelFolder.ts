import { JsonObject } from "./jsonObject.ts";
import type { RandomAccess } from "./randomAccess.ts";

/** A folder of files, by name. */
export interface ModelFolder {
  readonly name: string;
  /** Nothing, if there is no such file. */
  open(name: string): Promise<RandomAccess | undefined>;
}

const MAX_TEXT_BYTES = 2 ** 26;

/** A whole small file; nothing, if it is not there. @throws if it is not small */
export async function readSmall(folder: ModelFolder, name: string): Promise<Uint8Array | undefined> {
  const file = await folder.open(name);
  if (!file) return undefined;
  if (file.size > MAX_TEXT_BYTES)
    throw new Error(`${file.name}: expected at most ${MAX_TEXT_BYTES} bytes, found ${file.size}`);
  return await file.read(0, file.size);
}

/** @throws if the file is there, but not a JSON object */
export async function readJson(folder: ModelFolder, name: string): Promise<JsonObject | undefined> {
  const bytes = await readSmall(folder, name);
  return bytes && JsonObject.parse(`${folder.name}/${name}`, bytes);
}
