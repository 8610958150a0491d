/**
 * Folding in tables: `bun bench/fold.ts [lengths|segments|places|runs|long|beside …]`, all without arguments. Every
 * case runs in a process of its own (`bench/foldCase.ts`), so that its peak memory is its own.
 */
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { FoldCase, MeasuredBeside, MeasuredChain, MeasuredRun } from "./foldCase.ts";

const ROOT = join(import.meta.dir, "..");
const STORIES = join(ROOT, "..", "shared", "models", "stories260K", "stories260K.bin");

async function measured<Measured>(options: FoldCase): Promise<Measured> {
  const command = [process.execPath, join(ROOT, "bench", "foldCase.ts"), JSON.stringify(options)];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "pipe", stderr: "inherit" });
  const out = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`bench: ${JSON.stringify(options)} failed`);
  return JSON.parse(out) as Measured;
}

const embedded = { model: "embedded", places: 1 } as const;
const s = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const ms = (value: number) => `${value.toFixed(0)} ms`;
const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
const million = (n: number) => `${(n / 1e6).toFixed(2)} M`;

/** Prints every row as soon as it is there. */
async function table(
  title: string,
  head: readonly string[],
  rows: Iterable<readonly string[] | Promise<readonly string[]>>,
): Promise<void> {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  console.log(`\n### ${title}\n\n${line(head)}\n${line(head.map(() => "---"))}`);
  for (const row of rows) console.log(line(await row));
}

/** What a final proof costs, whatever the run's length. */
async function chainTable(title: string, options: FoldCase, lengths: readonly number[]): Promise<void> {
  const chain = await measured<MeasuredChain>(options);
  const { stepMs, proofBytes, verifyMs, residentBytes } = chain;
  await table(
    title,
    ["segments", "final proof", "verified in", "step", "held after it"],
    lengths.map((length) => {
      const k = length - 1;
      return [`${length}`, kib(proofBytes[k]), ms(verifyMs[k]), s(stepMs[k]), gib(residentBytes[k])];
    }),
  );
  const steps = [...stepMs].sort((a, b) => a - b);
  const spread = Math.max(...proofBytes) / Math.min(...proofBytes) - 1;
  console.log(
    `\n${chain.bits} bits. Sizes within ${(100 * spread).toFixed(2)} %. A step ${s(steps[steps.length >> 1])} (median of ${steps.length}), the circuit ${s(chain.createMs)}; peak ${gib(chain.peakBytes)}.`,
  );
}

/** Steps against segments, by the rows T of a segment and the segments m of a step. */
function stepTable(
  title: string,
  cases: Iterable<readonly [logSegment: number, places: number]>,
): Promise<void> {
  const head = ["T", "m", "segment", "step", "÷ its segments", "step a token", "compressions", "operations"];
  return table(
    title,
    [...head, "cells", "lookups: hash, memory, range", "proof", "peak", "bits"],
    stepRows(cases),
  );
}

function* stepRows(cases: Iterable<readonly [number, number]>): Generator<Promise<string[]>> {
  for (const [logSegment, places] of cases) yield stepRow(logSegment, places);
}

async function stepRow(logSegment: number, places: number): Promise<string[]> {
  const steps = logSegment === 7 || places > 1 ? 2 : 3;
  const segments = Math.min(steps * places, 2 ** (8 - logSegment)); // the model's capacity
  const chain = await measured<MeasuredChain>({ kind: "chain", ...embedded, logSegment, segments, places });
  const { rows, lookups, stepMs, proveMs, proofBytes } = chain;
  const [step, segment] = [stepMs.at(-1) as number, proveMs[segments - 1]];
  return [
    `${2 ** logSegment}`,
    `${places}`,
    s(segment),
    s(step),
    (step / (places * segment)).toFixed(1),
    ms(step / (places * 2 ** logSegment)),
    `${rows.compressions + rows.extended}`,
    `${rows.ops}`,
    million(chain.cells),
    `${million(lookups.hash)}, ${million(lookups.memory)}, ${million(lookups.range)}`,
    kib(proofBytes.at(-1) as number),
    gib(chain.peakBytes),
    `${chain.bits}`,
  ];
}

/** Whole runs, folded beside. */
function runTable(): Promise<void> {
  const head = ["T", "tokens", "last token", "last segment proven", "folded by then", "final proof"];
  return table(
    "A run of 256 tokens, folded beside",
    [...head, "from last token to final proof", "peak"],
    runRows(),
  );
}

function* runRows(): Generator<Promise<string[]>> {
  for (const logSegment of [7, 6, 5]) yield runRow(logSegment, 2 ** (8 - logSegment));
}

async function runRow(logSegment: number, segments: number): Promise<string[]> {
  const run = await measured<MeasuredRun>({ kind: "run", ...embedded, logSegment, segments });
  return [
    `${2 ** logSegment}`,
    `${run.tokens}`,
    s(run.lastTokenMs),
    s(run.provenMs),
    `${run.foldedBeside} of ${segments}`,
    s(run.finalMs),
    s(run.finalMs - run.lastTokenMs),
    gib(run.peakBytes),
  ];
}

async function besideTable(): Promise<void> {
  const options: FoldCase = { kind: "beside", ...embedded, logSegment: 5, segments: 4 };
  const { segmentMs, segmentBesideMs, stepMs, stepBesideMs } = await measured<MeasuredBeside>(options);
  await table(
    "One beside the other, T = 32",
    ["", "alone", "beside", "ratio"],
    [
      ["segment", ms(segmentMs), ms(segmentBesideMs), (segmentBesideMs / segmentMs).toFixed(2)],
      ["step", s(stepMs), s(stepBesideMs), (stepBesideMs / stepMs).toFixed(2)],
    ],
  );
}

const TABLES: Readonly<Record<string, () => Promise<void>>> = {
  lengths: () =>
    chainTable(
      "Runs of 1 to 16 segments, T = 16",
      { kind: "chain", ...embedded, logSegment: 4, segments: 16 },
      [1, 2, 3, 4, 8, 16],
    ),
  segments: () =>
    stepTable("A step by the rows T of its segment", [
      [4, 1],
      [5, 1],
      [6, 1],
      [7, 1],
    ]),
  places: () =>
    stepTable("A step by the segments m that it joins", [
      [5, 1],
      [5, 2],
      [5, 3],
      [5, 4],
      [6, 2],
      [7, 2],
    ]),
  runs: runTable,
  long: () =>
    chainTable(
      "A run of 64 segments: stories260K, T = 8, capacity 512",
      { kind: "chain", ...embedded, model: STORIES, capacity: 512, logSegment: 3, segments: 64 },
      [1, 2, 4, 8, 16, 32, 48, 64],
    ),
  beside: besideTable,
};

const names = process.argv.slice(2);
for (const name of names)
  if (!Object.hasOwn(TABLES, name))
    throw new Error(`bench: expected one of ${Object.keys(TABLES).join(", ")}, found ${name}`);
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${gib(totalmem())}, Bun ${Bun.version}; bun bench/fold.ts ${names.join(" ")}`,
);
for (const name of names.length > 0 ? names : Object.keys(TABLES)) await TABLES[name]();
