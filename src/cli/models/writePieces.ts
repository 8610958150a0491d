import { type FileHandle, open, rename, rm } from "node:fs/promises";

/** A file from its pieces, one at a time in memory: either there as a whole or not at all. Returns its bytes. */
export async function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<number> {
  const part = `${path}.tmp`;
  let written = 0;
  try {
    const file = await open(part, "w");
    try {
      for (const piece of pieces) written += await writeAll(file, piece);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return written;
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<number> {
  for (let done = 0; done < piece.length; ) done += (await file.write(piece, done)).bytesWritten;
  return piece.length;
}
