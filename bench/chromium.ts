/**
 * The verifier in headless Chromium (Debian's package), in Bun and in Deno: `bun bench/chromium.ts`. Verifies the
 * same chain of segments of the embedded model again and again in an engine that has just started, and prints the
 * milliseconds a segment: of the first time, and the median of all others.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { embeddedModel } from "../src/model/embeddedModel.ts";
import { SegmentProver } from "../src/segment/prover.ts";
import { decodeSegments } from "./measure.ts";

const ROOT = join(import.meta.dir, "..");
const SEGMENTS = 4;
const REPEATS = 10;

/** A module that verifies the chain and says how long it took, with the verifier bundled into it. */
async function verifierScript(logSegment: number): Promise<string> {
  const { model } = await embeddedModel();
  const prover = SegmentProver.create(model, { logSegment, promptLength: 1 });
  const proofs = decodeSegments(model, logSegment, SEGMENTS).map((rows) => [...prover.prove(rows).proof]);
  prover.close();
  const directory = mkdtempSync(join(tmpdir(), "starkstream-bench-"));
  try {
    const entry = join(directory, "verifyAll.ts");
    await Bun.write(
      entry,
      `import { verifyChain } from ${JSON.stringify(join(ROOT, "src", "segment", "verify.ts"))};
const session = ${JSON.stringify(prover.session)};
const proofs = ${JSON.stringify(proofs)}.map((bytes) => Uint8Array.from(bytes));
const times = [];
for (let k = 0; k < ${REPEATS}; k++) {
  const started = performance.now();
  const verdict = verifyChain(session, proofs);
  times.push((performance.now() - started) / proofs.length);
  if (!verdict.ok) throw new Error(JSON.stringify(verdict));
}
console.log(JSON.stringify(times));
`,
    );
    const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser" });
    return await outputs[0].text();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function inChromium(script: string): Promise<string> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const said = page.waitForEvent("console");
    await page.setContent(`<script type="module">${script.replaceAll("</script", "<\\/script")}</script>`);
    return (await said).text();
  } finally {
    await browser.close();
  }
}

async function inProcess(command: readonly string[], script: string): Promise<string> {
  const child = Bun.spawn([...command], { stdin: new Blob([script]), stdout: "pipe", stderr: "inherit" });
  return await new Response(child.stdout).text();
}

console.log("| verifying a segment | Bun: first, later | Deno | Chromium |\n| --- | --- | --- | --- |");
for (const logSegment of [4, 5, 6]) {
  const script = await verifierScript(logSegment);
  const said = [
    await inProcess([process.execPath, "run", "-"], script),
    await inProcess([join(ROOT, "node_modules", ".bin", "deno"), "run", "-"], script),
    await inChromium(script),
  ];
  const times = said.map((text) => {
    const [first, ...later] = JSON.parse(text) as number[];
    const median = later.sort((a, b) => a - b)[later.length >> 1];
    return `${first.toFixed(1)}, ${median.toFixed(1)} ms`;
  });
  console.log(`| T = ${2 ** logSegment} | ${times.join(" | ")} |`);
}
