import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { chromium } from "playwright-core";
import { scratchDirectory } from "../cli/cli.ts";
import { ROOT } from "../importGraph.ts";

const scratch = scratchDirectory();
const BUN = process.execPath;
const DENO = join(ROOT, "node_modules/.bin/deno");
const example = (name: string, extension = "ts") => join(ROOT, "examples", `${name}.${extension}`);
/** Debian's package. */
const CHROMIUM = "/usr/bin/chromium";

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
}, 120_000);

test("the official client, and the proofs by link", async () => {
  expect(await run(BUN, example("openaiClient"), url)).toContain("ok: true");
}, 120_000);

test("the server's directories verify as files", async () => {
  const sessions = readdirSync(scratch.path("sessions")).filter((name) => !name.startsWith("sessions.db"));
  expect(sessions.length).toBe(2);
  for (const id of sessions)
    expect(await run(BUN, example("verifyFiles"), scratch.path(`sessions/${id}`))).toContain("valid: ");
}, 120_000);

test.skipIf(!existsSync(CHROMIUM))(
  "a page that only verifies, in Chromium: the same files, and a changed one",
  async () => {
    await run(BUN, "build", example("verifyPage/index", "html"), "--outdir", scratch.path("site"));
    const site = Bun.serve({
      port: 0,
      fetch: (request) =>
        new Response(
          Bun.file(scratch.path(join("site", new URL(request.url).pathname.slice(1) || "index.html"))),
        ),
    });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    try {
      const [id] = readdirSync(scratch.path("sessions")).filter((name) => !name.startsWith("sessions.db"));
      const directory = scratch.path(`sessions/${id}`);
      const files = readdirSync(directory).map((name) => join(directory, name));
      const page = await browser.newPage();
      await page.goto(site.url.href);
      await page.setInputFiles("#files", files);
      await page.getByText(/^valid: \d+ segments/).waitFor();
      const proof = files.find((path) => path.endsWith("0000.proof")) as string;
      const buffer = readFileSync(proof);
      buffer[buffer.length - 9] = (buffer[buffer.length - 9] as number) ^ 1;
      const rest = files.filter((path) => path !== proof);
      const read = (path: string) => ({ name: basename(path), mimeType: "", buffer: readFileSync(path) });
      await page.setInputFiles("#files", [
        { name: basename(proof), mimeType: "", buffer },
        ...rest.map(read),
      ]);
      await page.getByText(/^rejected: /).waitFor();
    } finally {
      await browser.close();
      await site.stop(true);
    }
  },
  120_000,
);
