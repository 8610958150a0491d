import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ModelFolder } from "../../../src/model/formats/modelFolder.ts";
import { bytesAccess } from "../../../src/model/formats/randomAccess.ts";

export const vectorPath = (path: string) =>
  fileURLToPath(new URL(`../../vectors/models/${path}`, import.meta.url));

export const vectorBytes = (path: string) => Uint8Array.from(readFileSync(vectorPath(path)));

export const vectorJson = (path: string) => JSON.parse(new TextDecoder().decode(vectorBytes(path)));

/** One of test/vectors/models, with some files replaced. */
export function vectorFolder(name: string, changed: Readonly<Record<string, Uint8Array>> = {}): ModelFolder {
  return {
    name,
    async open(file) {
      const bytes = changed[file];
      if (bytes) return bytesAccess(file, bytes);
      const path = `${name}/${file}`;
      return existsSync(vectorPath(path)) ? bytesAccess(file, vectorBytes(path)) : undefined;
    },
  };
}
