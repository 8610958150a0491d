import type { FileBytes } from "../../whir/commitmentFile.ts";

/** The part of Bun's, Deno's and Node's `process` that is needed here. */
interface Process {
  getBuiltinModule?(
    name: "node:fs",
  ): Pick<typeof import("node:fs"), "closeSync" | "openSync" | "readSync" | "statSync">;
}

/** A file on disk, opened for each reading: a thread that is ended would leave it open. @throws if there is none */
export function fileBytes(path: string): FileBytes {
  const { process } = globalThis as { readonly process?: Process };
  const fs = process?.getBuiltinModule?.("node:fs");
  if (!fs) throw new Error(`${path}: expected a runtime with files, found none`);
  return {
    name: path,
    size: fs.statSync(path).size,
    read(offset, length) {
      const file = fs.openSync(path, "r");
      try {
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const read = fs.readSync(file, bytes, filled, length - filled, offset + filled);
          if (read === 0) throw new Error(`${path}: expected ${length} bytes at ${offset}, found ${filled}`);
          filled += read;
        }
        return bytes;
      } finally {
        fs.closeSync(file);
      }
    },
  };
}
