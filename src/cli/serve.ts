import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import type { Database } from "../server/adapters/database.ts";
import { serveBun } from "../server/adapters/bun.ts";
import { serveDeno } from "../server/adapters/deno.ts";
import { nodeDatabase } from "../server/adapters/nodeDatabase.ts";
import { createServer } from "../server/createServer.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { InputError, messageOf } from "../session/inputError.ts";
import { keptProver } from "./keptProver.ts";
import { loadModelFiles } from "./loadModelFiles.ts";
import { parseServe } from "./options.ts";

/** `starkstream serve`: until SIGINT or SIGTERM; then the segments in hand are finished, and 0. */
export async function serve(args: readonly string[]): Promise<number> {
  const options = parseServe(args);
  const { host, port, data, maxSessions, maxPerClient, fold } = options;
  const tokenSecret = await secret(options.tokenSecret);
  const { model, tokenizer, commitment } = await loadModelFiles(options);
  await nodeFileSystem.makeDirectory(data);
  const database = openDatabase(`${data}/sessions.db`);
  const server = createServer({
    model,
    tokenizer,
    name: options.model === undefined ? "embedded" : basename(options.model),
    database,
    files: nodeFileSystem,
    directory: data,
    tokenSecret,
    maxSessions,
    maxSessionsPerClient: maxPerClient,
    fold,
    openProver: keptProver(commitment),
    log: (entry) => process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`),
  });
  const stop = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.resolve());
  const listen = "Deno" in globalThis ? serveDeno : serveBun;
  const listening = listen(server, { host, port });
  process.stdout.write(`listening on ${listening.url}\n`);
  await stop.promise;
  await listening.close();
  database.close();
  // sockets whose clients have not hung up would keep Deno waiting
  process.exit(0);
}

function openDatabase(path: string): Database {
  try {
    return nodeDatabase(path);
  } catch (error) {
    throw new InputError(
      `${path}: expected a database of sessions that no one else has open, found: ${messageOf(error)}`,
    );
  }
}

/** The secret itself, or what is in the file after "@", so that it need not stand in the list of processes. */
async function secret(text: string | undefined): Promise<string | undefined> {
  if (!text?.startsWith("@")) return text;
  let found: string;
  try {
    found = (await readFile(text.slice(1), "utf8")).trim();
  } catch (error) {
    throw new InputError(`--token-secret ${text}: expected a readable file, found: ${messageOf(error)}`);
  }
  if (found === "") throw new InputError(`--token-secret ${text}: expected a secret, found an empty file`);
  return found;
}
