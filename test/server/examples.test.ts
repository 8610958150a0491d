import { afterAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { scratchDirectory } from "../cli/cli.ts";
import { ROOT } from "../importGraph.ts";

const scratch = scratchDirectory();
const BUN = process.execPath;
const DENO = join(ROOT, "node_modules/.bin/deno");
const example = (name: string) => join(ROOT, "examples", `${name}.ts`);

const server = Bun.spawn([BUN, example("bunServer")], {
  cwd: scratch.path(""),
  env: { ...process.env, PORT: "0" },
  stdout: "pipe",
});
afterAll(() => {
  server.kill("SIGKILL");
  scratch.remove();
});
const { value } = await server.stdout.getReader().read();
const url = /listening on (\S+)/.exec(new TextDecoder().decode(value))?.[1] as string;

/** Runs an example from another directory; its output. */
async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: scratch.path(""), stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`expected exit code 0, found ${code}: ${stderr}`);
  return stdout;
}

test("a Deno client verifies what a Bun server proves, with the network as its only permission", async () => {
  const network = `--allow-net=${new URL(url).host}`;
  const address = `${url.replace("http", "ws")}ws`;
  const output = await run(
    DENO,
    "run",
    "--no-prompt",
    network,
    example("denoClient"),
    address,
    "One day",
    "16",
  );
  expect(output).toMatch(/segment 1: verified/);
  expect(output).toMatch(/16 tokens proven: One day/);
}, 60_000);

test("the official client, and the proofs by link", async () => {
  expect(await run(BUN, example("openaiClient"), url)).toContain("ok: true");
}, 60_000);

test("the server's directories verify as files", async () => {
  const sessions = readdirSync(scratch.path("sessions")).filter((name) => !name.startsWith("sessions.db"));
  expect(sessions.length).toBe(2);
  for (const id of sessions)
    expect(await run(BUN, example("verifyFiles"), scratch.path(`sessions/${id}`))).toContain("valid: ");
}, 60_000);
