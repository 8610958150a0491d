/**
 * Verifies a session's directory, as `starkstream run --out` and the server write them, under Bun or Deno:
 * `bun examples/verifyFiles.ts out`.
 */
import { readFile, readdir } from "node:fs/promises";
import process from "node:process";
import { verifyChain } from "../src/segment/verify.ts";
import { parseSession } from "../src/session/sessionFile.ts";

const directory = process.argv[2] ?? "out";
const file = parseSession(await readFile(`${directory}/session.json`, "utf8"));
const names = (await readdir(directory)).filter((name) => name.endsWith(".proof")).sort();
const proofs = await Promise.all(
  names.map(async (name) => new Uint8Array(await readFile(`${directory}/${name}`))),
);

const verdict = verifyChain(file.session, proofs, file.modelId);
console.log(verdict.ok ? `valid: ${verdict.tokens.length} tokens in ${verdict.segments} segments` : verdict);
process.exitCode = verdict.ok ? 0 : 1;
