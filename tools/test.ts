/**
 * Runs the tests, one process for each folder of test/: the provers of one folder do not hold their memory
 * while the next one runs. Arguments name folders or files below test/; none means all. Ends with the sum.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder that takes longer hangs. */
const PATIENCE_MS = 20 * 60 * 1000;
const TEST_TIMEOUT_MS = 240_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = process.argv.length > 2 ? process.argv.slice(2) : parts();
let passed = 0;
let failed = 0;
for (const folder of folders) {
  const { pass, fail } = await run(folder);
  passed += pass;
  failed += fail;
}
console.log(`\n${passed} pass\n${failed} fail`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** Folders of test/ that hold tests, and test files that lie in test/ itself. */
function parts(): string[] {
  const entries = readdirSync(join(root, "test"), { withFileTypes: true });
  return entries
    .filter((entry) => (entry.isDirectory() ? hasTests(entry.name) : entry.name.endsWith(".test.ts")))
    .map(({ name }) => name)
    .sort();
}

function hasTests(folder: string): boolean {
  const files = readdirSync(join(root, "test", folder), { recursive: true });
  return files.some((file) => String(file).endsWith(".test.ts"));
}

async function run(folder: string): Promise<{ pass: number; fail: number }> {
  console.log(`\n== ${folder}`);
  const args = ["test", `./test/${folder}`, "--timeout", String(TEST_TIMEOUT_MS)];
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    stdout: "pipe",
    stderr: "pipe",
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  const [out, text] = await Promise.all([echo(child.stdout), echo(child.stderr)]);
  const code = await child.exited;
  const count = (word: string) => Number((out + text).match(new RegExp(`^ *(\\d+) ${word}$`, "m"))?.[1] ?? 0);
  const [pass, fail] = [count("pass"), count("fail")];
  if (code !== 0 && fail === 0) console.log(`${folder}: ended with code ${code}`);
  return { pass, fail: code !== 0 ? Math.max(1, fail) : fail };
}

/** Passes a stream on while it comes, and returns all of it. */
async function echo(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    process.stdout.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
