import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import type { FileSystem } from "./fileSystem.ts";

/** The real file system, under Bun and under Deno. */
export const nodeFileSystem: FileSystem = {
  async read(path, most) {
    const file = await open(path, "r");
    try {
      const chunks: Uint8Array[] = [];
      let missing = most;
      while (missing > 0) {
        const chunk = new Uint8Array(Math.min(missing, 2 ** 20));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
        if (bytesRead === 0) break;
        chunks.push(chunk.subarray(0, bytesRead));
        missing -= bytesRead;
      }
      return concat(chunks);
    } finally {
      await file.close();
    }
  },

  async write(path, bytes) {
    const temporary = `${path}.tmp`;
    try {
      await writeFile(temporary, bytes);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  },

  list: (path) => readdir(path),

  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },

  remove: (path) => rm(path, { force: true }),
};

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
