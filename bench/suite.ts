/**
 * The benchmark suite: `bun bench/suite.ts [--quick] [--large] [--json FILE]`. Every case runs in a process of its
 * own; tables go to stdout, all numbers to the JSON file. `bench/kernels.ts` measures kernels one by one,
 * `bench/run.ts` the command line from end to end.
 */
import { existsSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Case, Measured } from "./measure.ts";
import { SMOLLM2 } from "./readModel.ts";

const ROOT = join(import.meta.dir, "..");
const STORIES = join(ROOT, "..", "shared", "models", "stories260K", "stories260K.bin");
const DENO = join(ROOT, "node_modules", ".bin", "deno");
const RUNTIMES = {
  Bun: [process.execPath],
  Deno: [DENO, "run", "--allow-read", "--allow-env", "--allow-sys"],
} as const;
type Runtime = keyof typeof RUNTIMES;

interface Result {
  readonly runtime: Runtime;
  readonly options: Case;
  readonly measured: Measured;
}

const flags = process.argv.slice(2);
const isQuick = flags.includes("--quick");
const results: Result[] = [];

/** Runs one case; null, with a line on stderr, if it fails. */
async function run(runtime: Runtime, options: Case): Promise<Measured | null> {
  const command = [...RUNTIMES[runtime], join(ROOT, "bench", "prover.ts"), JSON.stringify(options)];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) {
    console.error(
      `${runtime} ${JSON.stringify(options)}: ${err.split("\n").find((line) => /error/i.test(line)) ?? err}`,
    );
    return null;
  }
  const measured = JSON.parse(out) as Measured;
  results.push({ runtime, options, measured });
  return measured;
}

/** The median of all segments but the first, in which the engine still compiles; of the first if it is alone. */
function sustained({ proveMs }: Measured): number {
  const later = [...(proveMs.length > 1 ? proveMs.slice(1) : proveMs)].sort((a, b) => a - b);
  return later[later.length >> 1];
}

const ms = (value: number) => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
const million = (n: number) => `${(n / 1e6).toFixed(2)} M`;

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`\n### ${title}\n\n| ${head.join(" | ")} |\n| ${head.map(() => "---").join(" | ")} |`);
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
}

const HEAD = [
  "case",
  "segment",
  "first segment",
  "tokens/s",
  "÷ commit floor",
  "÷ plain decode",
  "verify",
  "proof",
  "peak memory",
  "cells",
  "lookups",
];

function row(name: string, { logSegment }: Case, measured: Measured): string[] {
  const time = sustained(measured);
  return [
    name,
    ms(time),
    ms(measured.proveMs[0]),
    ((1000 * 2 ** logSegment) / time).toFixed(1),
    (time / measured.floorMs).toFixed(1),
    (time / measured.decodeMs).toFixed(0),
    ms(measured.verifyMs),
    kib(measured.proofBytes),
    mib(measured.peakBytes),
    million(measured.cells),
    million(measured.lookups),
  ];
}

async function tableOf(
  title: string,
  cases: readonly (readonly [name: string, Runtime, Case])[],
): Promise<void> {
  const rows: string[][] = [];
  for (const [name, runtime, options] of cases) {
    const measured = await run(runtime, options);
    if (measured) rows.push(row(name, options, measured));
  }
  table(title, HEAD, rows);
}

const embedded = (logSegment: number, more: Partial<Case> = {}): Case => ({
  model: "embedded",
  logSegment,
  segments: 4,
  threads: 2,
  ...more,
});
const stories = (more: Partial<Case> = {}): Case => ({
  ...embedded(4, { segments: 3, ...more }),
  model: STORIES,
});

/** About 10 GB: only when asked for. */
const smollm = (logSegment: number, more: Partial<Case> = {}): Case => ({
  model: SMOLLM2,
  logSegment,
  segments: 2,
  threads: 2,
  ...more,
});

const [cpu] = cpus();
const machine = `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${mib(totalmem())}`;
console.log(`${machine}, Bun ${Bun.version}`);

const runtimes = (existsSync(DENO) ? ["Bun", "Deno"] : ["Bun"]) as Runtime[];
await tableOf(
  "Sustained",
  runtimes.flatMap((runtime) => [
    [`embedded, T = 32, ${runtime}`, runtime, embedded(5, { segments: 8 })] as const,
    [`embedded, T = 64, ${runtime}`, runtime, embedded(6)] as const,
    ...(existsSync(STORIES) ? [[`stories260K, T = 16, ${runtime}`, runtime, stories()] as const] : []),
  ]),
);
await tableOf(
  "Threads",
  [1, 2].flatMap((threads) =>
    [5, 6].map((log) => [`T = ${2 ** log}, ${threads} threads`, "Bun", embedded(log, { threads })] as const),
  ),
);
if (!isQuick) {
  const lengths = [3, 4, 5, 6, 7];
  await tableOf(
    "Length of a segment",
    lengths.map((log) => [`T = ${2 ** log}`, "Bun", embedded(log, { segments: 2 })] as const),
  );
  if (existsSync(STORIES))
    await tableOf(
      "Capacity of the context",
      [64, 128, 256, 512].map(
        (capacity) =>
          [`stories260K, T = 16, capacity ${capacity}`, "Bun", stories({ capacity, segments: 2 })] as const,
      ),
    );
}
if (flags.includes("--large"))
  await tableOf(
    "Shape of SmolLM2-135M, synthetic weights",
    [4, 5].map((log) => [`T = ${2 ** log}`, "Bun", smollm(log)] as const),
  );
const staged: [string, Case][] = [1, 2].map((threads) => [
  `embedded, T = 32, ${threads} threads`,
  embedded(5, { threads, segments: 2, stages: true }),
]);
if (flags.includes("--large"))
  staged.push(["shape of SmolLM2-135M, T = 32, 2 threads", smollm(5, { stages: true })]);
for (const [name, options] of staged) {
  const measured = await run("Bun", options);
  if (!measured) continue;
  const total = measured.stages.reduce((sum, [, time]) => sum + time, 0);
  const { floorMs } = measured;
  table(
    `Stages, ${name} (the first segment again, warm; both contexts committed)`,
    ["stage", "time", "share", "÷ commit floor", "ns per cell"],
    [...measured.stages, ["all", total] as const, ["commit floor", floorMs] as const].map(([name, time]) => [
      name,
      ms(time),
      `${Math.round((100 * time) / total)} %`,
      (time / floorMs).toFixed(1),
      ((1e6 * time) / measured.cells).toFixed(0),
    ]),
  );
}

const file = flags.includes("--json") ? flags[flags.indexOf("--json") + 1] : undefined;
if (file) writeFileSync(file, `${JSON.stringify({ machine, bun: Bun.version, results }, null, 1)}\n`);
