import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serializeModelFile } from "../../src/model/modelFile.ts";
import { TextLineStream } from "../../src/streams/mod.ts";
import { ROOT } from "../importGraph.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { tinyTokenizer } from "../session/tinyTokenizer.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI as a user does, from another directory. */
export async function starkstream(args: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn([process.execPath, join(ROOT, "src/cli/main.ts"), ...args], {
    cwd: tmpdir(),
    env: { ...process.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** A run with `--json`: its events. */
export async function runEvents(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await starkstream(["run", "--json", ...args]);
  if (code !== 0) throw new Error(`run: expected exit code 0, found ${code}: ${stderr}`);
  return await Array.fromAsync(eventsOf(new Blob([stdout]).stream()));
}

/** The same, killed as soon as it tells of an event of this type. */
export async function killedAt(type: string, args: readonly string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, join(ROOT, "src/cli/main.ts"), "run", "--json", ...args], {
    cwd: tmpdir(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  let isThere = false;
  for await (const event of eventsOf(child.stdout)) {
    isThere = event.type === type;
    if (isThere) break;
  }
  child.kill("SIGKILL");
  await child.exited;
  if (!isThere) throw new Error(`run: expected an event ${type}, found none`);
}

/** Lines of JSON. */
async function* eventsOf(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Record<string, unknown>> {
  const lines = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) yield JSON.parse(line);
}

/** A directory that is removed when the tests of a file are over. */
export function scratchDirectory(): { readonly path: (name: string) => string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "starkstream-cli-"));
  return {
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A model file of a few hundred weights with a context of 32; its tokens are letters. */
export async function writeTinyModel(path: string): Promise<void> {
  const file = await serializeModelFile({ model: tinyModel({ capacity: 32 }), tokenizer: tinyTokenizer() });
  await Bun.write(path, file);
}
