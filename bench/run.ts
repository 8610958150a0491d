/**
 * The main job, measured: decodes and proves 48 tokens with the embedded model in a process of its own,
 * then verifies them in another, folds them in a third and verifies the final proof in a fourth.
 *
 *   bun bench/run.ts [--tokens N] [--segment T] [--model FILE --tokenizer FILE] [--prompt TEXT]
 *
 * Prints a table; every number is of this one run on this machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { TextLineStream } from "../src/streams/mod.ts";

const CLI = join(import.meta.dir, "..", "src", "cli", "main.ts");

interface Measured {
  readonly events: readonly Record<string, unknown>[];
  readonly wallMs: number;
  readonly peakBytes: number;
}

/** Runs the CLI with `--json` and measures the whole process. */
async function measure(args: readonly string[]): Promise<Measured> {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, CLI, ...args, "--json"], { stdout: "pipe", stderr: "inherit" });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  const events: Record<string, unknown>[] = [];
  for await (const line of lines) events.push(JSON.parse(line));
  const code = await child.exited;
  const wallMs = performance.now() - start;
  if (code !== 0)
    throw new Error(`${args[0]}: expected exit code 0, found ${code}: ${JSON.stringify(events.at(-1))}`);
  return { events, wallMs, peakBytes: child.resourceUsage()?.maxRSS ?? Number.NaN };
}

const numbers = (measured: Measured, type: string, field: string) =>
  measured.events.filter((event) => event.type === type).map((event) => event[field] as number);

const ms = (value: number) => `${Math.round(value)} ms`;
const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

const directory = mkdtempSync(join(tmpdir(), "starkstream-bench-"));
try {
  const flags = process.argv.slice(2);
  const args = ["run", ...(flags.includes("--tokens") ? [] : ["--tokens", "48"]), ...flags];
  const run = await measure([...args, "--out", directory, "--no-final"]);
  const verify = await measure(["verify", directory]);
  const fold = await measure(["fold", directory]);
  const final = await measure(["verify", directory, "--final-only"]);
  const [cpu] = cpus();
  const count = numbers(run, "done", "segments")[0] as number;
  const verifyMs = numbers(verify, "verdict", "verifyMs")[0] as number;
  const rows: [string, string][] = [
    ["command", `starkstream ${args.join(" ")}`],
    [
      "machine",
      `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${mib(totalmem())}, Bun ${Bun.version}`,
    ],
    ["tokens generated", String(numbers(run, "done", "tokens")[0])],
    ["whole run", ms(run.wallMs)],
    ["proving, per segment", numbers(run, "segment", "proveMs").map(ms).join(", ")],
    ["proof, per segment", numbers(run, "segment", "proofBytes").map(kib).join(", ")],
    ["cells, per segment", numbers(run, "segment", "cells").join(", ")],
    ["verifying, per segment", `${ms(verifyMs / count)} (${ms(verifyMs)} for ${count})`],
    ["verifying, whole command", ms(verify.wallMs)],
    ["peak memory, run", mib(run.peakBytes)],
    ["peak memory, verify", mib(verify.peakBytes)],
    ["folding, per segment", numbers(fold, "fold", "foldMs").map(ms).join(", ")],
    ["folding, whole command", ms(fold.wallMs)],
    ["final proof", numbers(fold, "final", "proofBytes").map(kib).join(", ")],
    ["verifying the final proof", numbers(final, "verdict", "verifyMs").map(ms).join(", ")],
    ["peak memory, fold", mib(fold.peakBytes)],
    ["security", `${numbers(run, "done", "security")[0]} bits, provable`],
  ];
  console.log("| what | measured |\n| --- | --- |");
  for (const [name, value] of rows) console.log(`| ${name} | ${value} |`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
