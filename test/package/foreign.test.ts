import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import packageJson from "../../package.json";
import { ROOT } from "../importGraph.ts";

/*
 * What others import, from outside the repository: the files that are published, in a project of another
 * person's under Bun and in one under Deno. Without the network: dependencies are the ones installed here.
 */

const scratch = mkdtempSync(join(tmpdir(), "starkstream-foreign-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const DENO = join(ROOT, "node_modules/.bin/deno");
/** Under which the package is known: on npm, and on JSR. */
const NAMES = { Bun: "starkstream", Deno: "@starkstream/starkstream" };

async function run(cwd: string, ...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")}: expected exit code 0, found ${code}: ${stderr}`);
  return stdout;
}

/** A project that has the published files at `place`, and their dependencies. */
async function project(name: string, place: string): Promise<string> {
  const directory = join(scratch, name);
  const target = join(directory, place);
  mkdirSync(target, { recursive: true });
  await run(ROOT, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", directory);
  const tarball = `starkstream-${packageJson.version}.tgz`;
  await run(directory, "tar", "xzf", tarball, "--strip-components=1", "-C", target);
  // the types of msgpackr speak of Node's
  for (const dependency of [...Object.keys(packageJson.dependencies), "@types/node"]) {
    if (dependency === "bun") continue; // the runtime itself, for whoever clones the repository
    const link = join(directory, "node_modules", dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", dependency), link);
  }
  return directory;
}

/** Serves, reads and verifies while it reads; writes what `VERIFY` reads. */
const SERVE = (name: string, listen: string) => `
import { embeddedModel } from "${name}";
import { createServer, nodeDatabase, ${listen} } from "${name}/server";
import { nodeFileSystem } from "${name}/node";
import { ClientSession, formatSession } from "${name}/client";

const { model, tokenizer } = await embeddedModel();
await nodeFileSystem.makeDirectory("sessions");
const database = nodeDatabase("sessions/sessions.db");
const server = createServer({ model, tokenizer, database, files: nodeFileSystem, directory: "sessions" });
const listening = ${listen}(server, { port: 0 });
const session = new ClientSession(listening.url.replace("http", "ws") + "ws", {
  prompt: "One day", maxTokens: 6, segment: 8,
});
for await (const event of session) if (event.type === "segment") console.error("segment", event.index);
await listening.close();
const states = new Set(session.tokens.map(({ state }) => state));
if (states.size !== 1 || !states.has("proven")) throw new Error([...states].join());
const { file } = session.started!;
console.log(JSON.stringify({
  session: formatSession({ ...file, segments: session.proofs.length }),
  proofs: session.proofs.map((proof) => [...proof]),
}));
`;

/** Verifies what it is given as an argument's file, or from standard input. */
const VERIFY = (name: string, text: string) => `
import { verifyChain } from "${name}/verify";
import { verifyFinal } from "${name}/final";
import { parseSession } from "${name}/client";

const { session, proofs } = JSON.parse(${text});
const file = parseSession(session);
const verdict = verifyChain(file.session, proofs.map((proof: number[]) => Uint8Array.from(proof)), file.modelId);
console.log(\`\${verdict.ok} \${typeof verifyFinal}\`); // a text has no colours
`;

describe("a foreign project", () => {
  test("under Bun, with the package in node_modules", async () => {
    const name = NAMES.Bun;
    const directory = await project("bun", `node_modules/${name}`);
    writeFileSync(join(directory, "serve.ts"), SERVE(name, "serveBun"));
    writeFileSync(join(directory, "verify.ts"), VERIFY(name, `await Bun.file("kept.json").text()`));
    writeFileSync(join(directory, "kept.json"), await run(directory, process.execPath, "serve.ts"));
    expect(await run(directory, process.execPath, "verify.ts")).toBe("true function\n");
  }, 240_000);

  test("under Deno, from JSR's name; verifying needs no permission", async () => {
    const name = NAMES.Deno;
    const directory = await project("deno", "vendor/starkstream");
    const config = {
      imports: { [name]: `jsr:${name}@^${packageJson.version}` },
      links: ["./vendor/starkstream"],
      nodeModulesDir: "manual",
      lock: false,
    };
    writeFileSync(join(directory, "deno.json"), JSON.stringify(config));
    writeFileSync(join(directory, "serve.ts"), SERVE(name, "serveDeno"));
    const stdin = "await new Response(Deno.stdin.readable).text()";
    writeFileSync(join(directory, "verify.ts"), VERIFY(name, stdin));
    await run(directory, DENO, "check", "serve.ts", "verify.ts");
    const allow = ["--allow-net=127.0.0.1", "--allow-read=.", "--allow-write=sessions", "--allow-env"];
    const kept = await run(directory, DENO, "run", "--no-prompt", ...allow, "serve.ts");
    const child = Bun.spawn([DENO, "run", "--no-prompt", "verify.ts"], {
      cwd: directory,
      stdin: new Blob([kept]),
      stdout: "pipe",
    });
    expect(await new Response(child.stdout).text()).toBe("true function\n");
  }, 240_000);
});
