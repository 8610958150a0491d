/**
 * The benchmark suite: `bun bench/suite.ts [--quick] [--large] [--only TEXT] [--with COMMAND] [--json FILE]`. Every
 * case runs in a process of its own, behind COMMAND if there is one (`chrt -r 5`); tables go to stdout, those alone
 * whose title has TEXT in it, and all numbers to the JSON file. `bench/run.ts` measures the command line from end
 * to end, `bench/chromium.ts` the verifier in a browser, `bench/fold.ts` folding.
 */
import { existsSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ModelConfig } from "../src/model/config.ts";
import type { KernelRate } from "./kernels.ts";
import type { Case, Measured } from "./measure.ts";
import { EMBEDDED, SMOLLM2_135M } from "./syntheticModel.ts";

const ROOT = join(import.meta.dir, "..");
const STORIES = join(ROOT, "..", "shared", "models", "stories260K", "stories260K.bin");
const DENO = join(ROOT, "node_modules", ".bin", "deno");
const RUNTIMES = {
  Bun: [process.execPath],
  Deno: [DENO, "run", "--allow-read", "--allow-env", "--allow-sys"],
} as const;
type Runtime = keyof typeof RUNTIMES;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    with: { type: "string", default: "" },
    json: { type: "string" },
  },
});
const cases: { readonly runtime: Runtime; readonly options: Case; readonly measured: Measured }[] = [];
const kernels: Partial<Record<Runtime, readonly KernelRate[]>> = {};

/** What a script of bench/ prints as JSON; null, with a line on stderr, if it fails. */
async function run(runtime: Runtime, script: string, argument: string): Promise<unknown> {
  const before = flags.with.split(" ").filter((word) => word !== "");
  const command = [...before, ...RUNTIMES[runtime], join(ROOT, "bench", script), argument];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return JSON.parse(out);
  const reason = err.split("\n").find((line) => /error/i.test(line)) ?? err;
  console.error(`${runtime} ${script} ${argument}: ${reason}`);
  return null;
}

async function runCase(runtime: Runtime, options: Case): Promise<Measured | null> {
  const measured = (await run(runtime, "prover.ts", JSON.stringify(options))) as Measured | null;
  if (measured) cases.push({ runtime, options, measured });
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
const perSecond = (time: number, logSegment: number) => ((1000 * 2 ** logSegment) / time).toFixed(1);
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
  "bits",
];

function row(name: string, { logSegment }: Case, measured: Measured): string[] {
  const time = sustained(measured);
  return [
    name,
    ms(time),
    ms(measured.proveMs[0]),
    perSecond(time, logSegment),
    (time / measured.floorMs).toFixed(1),
    (time / measured.decodeMs).toFixed(0),
    ms(measured.verifyMs),
    kib(measured.proofBytes),
    mib(measured.peakBytes),
    million(measured.cells),
    million(measured.lookups),
    String(measured.securityBits),
  ];
}

const isWanted = (title: string) => title.toLowerCase().includes(flags.only.toLowerCase());

async function tableOf(
  title: string,
  cases: readonly (readonly [name: string, Runtime, Case])[],
): Promise<void> {
  if (!isWanted(title)) return;
  const rows: string[][] = [];
  for (const [name, runtime, options] of cases) {
    const measured = await runCase(runtime, options);
    if (measured) rows.push(row(name, options, measured));
  }
  table(title, HEAD, rows);
}

/** T against capacity: milliseconds a segment, tokens a second. */
async function gridOf(
  title: string,
  logs: readonly number[],
  capacities: readonly number[],
  caseOf: (log: number, capacity: number) => Case,
): Promise<void> {
  if (!isWanted(title)) return;
  const rows: string[][] = [];
  for (const log of logs) {
    const cells = [`T = ${2 ** log}`];
    for (const capacity of capacities) {
      // Two segments must fit: the first one is still being compiled.
      const measured = 2 * 2 ** log <= capacity ? await runCase("Bun", caseOf(log, capacity)) : null;
      const time = measured ? sustained(measured) : 0;
      cells.push(measured ? `${ms(time)}, ${perSecond(time, log)}` : "");
    }
    rows.push(cells);
  }
  table(title, ["", ...capacities.map((capacity) => `capacity ${capacity}`)], rows);
}

async function kernelTable(runtimes: readonly Runtime[]): Promise<void> {
  const title = "Kernels, one thread";
  if (!isWanted(title)) return;
  for (const runtime of runtimes) {
    const rates = (await run(runtime, "kernels.ts", "--json")) as KernelRate[] | null;
    if (rates) kernels[runtime] = rates;
  }
  const [first = []] = Object.values(kernels);
  table(
    title,
    ["kernel", "millions of", ...Object.keys(kernels).map((runtime) => `${runtime}, a second`)],
    first.map(({ name, unit }, k) => [
      name,
      unit,
      ...Object.values(kernels).map((rates) => rates[k].rate.toFixed(rates[k].rate < 100 ? 1 : 0)),
    ]),
  );
}

/** Kernels that take less than this share of a segment are put together. */
const SMALL_SHARE = 0.01;

async function stageTables(name: string, options: Case): Promise<void> {
  const title = `Stages, ${name}`;
  if (!isWanted(title)) return;
  const measured = await runCase("Bun", { ...options, stages: true });
  if (!measured) return;
  const { stages, floorMs } = measured;
  const total = stages.reduce((sum, stage) => sum + stage.ms, 0);
  const line = (name: string, time: number, cells?: number, bytes?: number) => [
    name,
    ms(time),
    `${Math.round((100 * time) / total)} %`,
    (time / floorMs).toFixed(1),
    cells === undefined ? "" : million(cells),
    cells === undefined ? "" : ((1e6 * time) / cells).toFixed(0),
    bytes === undefined ? "" : kib(bytes),
  ];
  table(
    `${title} (the first segment again, warm)`,
    ["stage", "time", "share", "÷ commit floor", "cells or leaves", "ns for each", "proof"],
    [
      ...stages.map(({ name, ms, cells, bytes }) => line(name, ms, cells, bytes)),
      line(
        "all",
        total,
        measured.cells,
        stages.reduce((sum, { bytes }) => sum + bytes, 0),
      ),
      line("commit floor", floorMs, measured.cells),
    ],
  );
  table(
    `Kernels in these stages, ${name}`,
    ["stage", "kernels", "TypeScript"],
    stages.map(({ name, ms: time, kernels }) => {
      const large = kernels.filter(([, spent]) => spent >= SMALL_SHARE * total);
      const sum = (times: typeof kernels) => times.reduce((all, [, spent]) => all + spent, 0);
      const others = sum(kernels) - sum(large);
      return [
        name,
        [...large, ["others", others] as const].map(([kernel, spent]) => `${kernel} ${ms(spent)}`).join(", "),
        ms(time - sum(kernels)),
      ];
    }),
  );
}

const embedded = (logSegment: number, more: Partial<Case> = {}): Case => ({
  model: "embedded",
  logSegment,
  segments: Math.min(4, EMBEDDED.capacity >> logSegment),
  threads: 2,
  ...more,
});
const stories = (more: Partial<Case> = {}): Case => ({
  ...embedded(4, { segments: 3, ...more }),
  model: STORIES,
});
/** The embedded model's shape, changed, with synthetic weights. */
const shaped = (logSegment: number, change: Partial<ModelConfig>): Case =>
  embedded(logSegment, { model: { ...EMBEDDED, ...change }, segments: 3 });
/** About 8 GB: only when asked for. */
const smollm: Case = { model: SMOLLM2_135M, logSegment: 5, segments: 2, threads: 2 };

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
  "Workers",
  [1, 2].flatMap((threads) =>
    [5, 6, 7].map(
      (log) => [`embedded, T = ${2 ** log}, ${threads} threads`, "Bun", embedded(log, { threads })] as const,
    ),
  ),
);
if (!flags.quick) {
  await tableOf(
    "Length of a segment",
    [3, 4, 5, 6, 7].map((log) => [`embedded, T = ${2 ** log}`, "Bun", embedded(log)] as const),
  );
  if (existsSync(STORIES))
    await tableOf(
      "Capacity of the context",
      [64, 128, 256, 512].map(
        (capacity) => [`stories260K, T = 16, capacity ${capacity}`, "Bun", stories({ capacity })] as const,
      ),
    );
  await gridOf(
    "T and capacity, synthetic weights in the embedded model's shape: time of a segment, tokens a second",
    [3, 4, 5, 6, 7],
    [64, 128, 256, 512],
    (log, capacity) => ({
      ...shaped(log, { capacity, sequence: capacity }),
      segments: Math.min(5, capacity >> log),
    }),
  );
  await tableOf(
    "Layers, synthetic weights",
    [1, 2, 4, 8, 16].map((layers) => [`${layers} layers, T = 32`, "Bun", shaped(5, { layers })] as const),
  );
  await tableOf(
    "Width, synthetic weights",
    [64, 128, 256, 512].map((dim) => {
      const heads = dim / EMBEDDED.headDim;
      const shape = { dim, hidden: 2 * dim, heads, kvHeads: heads / 2 };
      return [`dim ${dim}, T = 32`, "Bun", shaped(5, shape)] as const;
    }),
  );
  await kernelTable(runtimes);
}
if (flags.large) await tableOf("Shape of SmolLM2-135M, synthetic weights", [["T = 32", "Bun", smollm]]);
for (const threads of [1, 2])
  await stageTables(`embedded, T = 32, ${threads} threads`, embedded(5, { threads, segments: 2 }));
if (flags.large) await stageTables("shape of SmolLM2-135M, T = 32, 2 threads", smollm);

if (flags.json)
  writeFileSync(flags.json, `${JSON.stringify({ machine, bun: Bun.version, cases, kernels }, null, 1)}\n`);
