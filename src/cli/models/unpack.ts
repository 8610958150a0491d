import { readFile, rename, writeFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { InputError } from "../../session/inputError.ts";

/** One file of a zip archive, written to `path` as a whole. @throws InputError if it is not in the archive */
export async function unpack(archive: string, member: string, path: string): Promise<void> {
  const files = unzipSync(new Uint8Array(await readFile(archive)), { filter: ({ name }) => name === member });
  const bytes = files[member];
  if (!bytes) throw new InputError(`${archive}: expected a file ${member} in it, found none`);
  await writeFile(`${path}.tmp`, bytes);
  await rename(`${path}.tmp`, path);
}
