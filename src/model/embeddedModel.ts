import { MODEL_DATA } from "./embedded/modelData.ts";
import { type ModelFile, parseModelFile } from "./modelFile.ts";

/** The model that comes with the project; read from a module, so no file access is needed. */
export function embeddedModel(): Promise<ModelFile> {
  const text = atob(MODEL_DATA);
  return parseModelFile(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
