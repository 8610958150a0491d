import { open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ModelFolder } from "../../model/formats/modelFolder.ts";
import type { RandomAccess } from "../../model/formats/randomAccess.ts";

/** A file on disk, opened for each reading: a checkpoint takes a few hundred. @throws if it is no file */
export async function nodeRandomAccess(path: string): Promise<RandomAccess> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error(`${path}: expected a file, found none`);
  return {
    name: basename(path),
    size: found.size,
    async read(offset, length) {
      const file = await open(path, "r");
      try {
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0)
            throw new Error(`${path}: expected ${length} bytes at ${offset}, found ${filled}`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

/** A directory of model files. */
export function nodeModelFolder(path: string): ModelFolder {
  return {
    name: basename(path),
    async open(name) {
      try {
        return await nodeRandomAccess(join(path, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}
