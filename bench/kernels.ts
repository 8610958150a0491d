/**
 * Throughput of the kernels on one thread, in Bun or Deno: `bun bench/kernels.ts [--json] [filter]`. Best run of each.
 */
import { cpus } from "node:os";
import process from "node:process";
import { MerkleTree } from "../src/hash/merkleTree.ts";
import { P } from "../src/field/m31.ts";
import { createKernels } from "../src/kernels/createKernels.ts";
import { lineDomainTwiddles } from "../src/poly/lineDomain.ts";

/** One line of the table. */
export interface KernelRate {
  readonly name: string;
  readonly ms: number;
  /** Millions of `unit` a second. */
  readonly rate: number;
  readonly unit: string;
}

/** Milliseconds per kernel: enough for the engine to reach its best code. */
const BUDGET = 300;
const LOG = 16; // elements of the extension vectors: 1.3 MB each

const { kernels, arena } = createKernels();
const flags = process.argv.slice(2);
const isJson = flags.includes("--json");
const filter = flags.find((flag) => flag !== "--json") ?? "";
const rates: KernelRate[] = [];

function input(words: number): number {
  const ptr = arena.alloc(words);
  const view = arena.u32(ptr, words);
  for (let i = 0; i < words; i++) view[i] = (Math.imul(i + 1, 0x9e3779b9) % P) & P;
  return ptr;
}

/** Times `run`, which does `work` units. */
function bench(name: string, unit: string, work: number, run: () => void): void {
  if (!name.includes(filter)) return;
  const repeats = Math.max(1, Math.round(2 ** 20 / work));
  let best = Number.POSITIVE_INFINITY;
  const deadline = performance.now() + BUDGET;
  while (performance.now() < deadline) {
    const start = performance.now();
    for (let r = 0; r < repeats; r++) run();
    best = Math.min(best, (performance.now() - start) / repeats);
  }
  const rate = work / best / 1000;
  rates.push({ name, ms: best, rate, unit });
  if (isJson) return;
  const rounded = rate.toFixed(rate < 100 ? 1 : 0);
  console.log(`${name.padEnd(46)} ${best.toFixed(3).padStart(9)} ms ${rounded.padStart(8)} M ${unit}/s`);
}

if (!isJson) console.log(`${cpus()[0]?.model ?? "unknown"} × ${cpus().length}\n`);

const n = 2 ** LOG;
const half = n / 2;
const a = input(2 ** 20);
const b = input(10 * n);
const dst = input(10 * n);
const eq = input(5 * n);
const out = input(10);
const scalar = input(5);
const points = input(5 * LOG);

for (const log of [12, 20]) {
  const size = 2 ** log;
  const mark = arena.mark();
  const twiddles = input(2 * size);
  arena.u32(twiddles, 2 * size).set(lineDomainTwiddles(log + 1));
  const src = input(size);
  const code = input(2 * size);
  for (const rate of [0, 1])
    bench(`transform: encode 2^${log}, rate 1/${2 ** rate}`, "words out", size << rate, () =>
      kernels.encode(code, src, 1, log, rate, twiddles),
    );
  arena.release(mark);
}
for (const columns of [16, 128]) {
  const mark = arena.mark();
  const rows = 2 ** 14;
  const codeword = input(columns * rows);
  const leaves = input(8 * rows);
  bench(`Merkle tree of 2^14 rows, ${columns} columns`, "bytes", 4 * columns * rows, () => {
    const mark = arena.mark();
    MerkleTree.build({ kernels, arena }, codeword, columns, 14);
    arena.release(mark);
  });
  bench(`BLAKE3: hashLeaves ${columns} columns`, "bytes", 4 * columns * rows, () =>
    kernels.hashLeaves(leaves, codeword, columns, 14),
  );
  arena.release(mark);
}
bench("BLAKE3: hashNodes", "bytes", 64 * 4096, () => kernels.hashNodes(dst, a, 4096));
bench("BLAKE3: grind", "hashes", 2 ** 20, () => kernels.grind(scalar, 32, 0, 2 ** 20));

const multiplies = (name: string, count: number, run: () => void) => bench(name, "products", count, run);
multiplies("field: axpyBase (base × base)", 5 * n, () => kernels.axpyBase(dst, n, a, n, scalar));
multiplies("field: axpyBase 2^10 (base × base)", 5 * 1024, () =>
  kernels.axpyBase(dst, 1024, a, 1024, scalar),
);
multiplies("extension: bindExt", half, () => kernels.bindExt(dst, a, 1, n, scalar));
multiplies("extension: bindExt 2^10", 512, () => kernels.bindExt(dst, a, 1, 1024, scalar));
multiplies("extension: eqTable", n, () => kernels.eqTable(dst, points, LOG, scalar));
multiplies("weight pass: addOuter 2^8 × 2^8", n, () => kernels.addOuter(dst, n, a, 256, b, 256));
for (const [size, inner] of [
  [1024, 1],
  [64, 1024],
  [1024, 1024],
] as const)
  multiplies(`weight pass: contractBase ${size} × ${inner} (base × ext)`, size * inner, () =>
    kernels.contractBase(dst, a, eq, 1, size, inner),
  );
multiplies("weight pass: contractExt 64 × 1024", n, () => kernels.contractExt(dst, a, eq, 1, 64, 1024));

const pairs = (name: string, count: number, run: () => void) => bench(name, "pairs", count, run);
pairs("sumcheck round: productRound", half, () => kernels.productRound(out, a, b, n));
pairs("sumcheck round: eqProductRound", half, () => kernels.eqProductRound(out, eq, a, b, n));
pairs("GKR layer: fractionLayer", half, () => kernels.fractionLayer(dst, dst + 20 * half, a, b, n));
pairs("GKR layer: fractionLayerBase", half, () => kernels.fractionLayerBase(dst, dst + 20 * half, a, b, n));
pairs("gathering: gather", n, () => kernels.gather(dst, a, 32, 32, n / 32));
pairs("GKR layer: unitLayer", half, () => kernels.unitLayer(dst, dst + 20 * half, a, n));
pairs("GKR layer: unitRound", half, () => kernels.unitRound(out, scalar, eq, LOG - 1, a, n, scalar));
pairs("GKR layer: fractionRound", half, () => kernels.fractionRound(out, scalar, eq, LOG - 1, a, b, n));
bench("decoder: matVec 1024 × 1024", "multiply-adds", 2 ** 20, () => kernels.matVec(dst, a, b, 1024, 1024));
if (isJson) console.log(JSON.stringify(rates));
