import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { P } from "../../src/field/m31.ts";
import { Arena } from "../../src/kernels/arena.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { createControl, JobBoard } from "../../src/kernels/job.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { KERNEL_NAMES, SPLITS } from "../../src/kernels/splits.ts";
import { KERNEL_BASE, kernelsOf, rangedKernels, wasmKernels } from "../../src/kernels/wasmKernels.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { decodeSegments } from "../segment/tinyRun.ts";
import { testProfile } from "../soundness/testProfile.ts";

/** Words of every operand and destination. */
const WORDS = 5 * 2 ** 15;

/** A call of each kernel on (destination, second destination, a, b, c), worth more than one thread. */
const CALLS: {
  readonly [name in keyof Kernels]: (d: number, e: number, a: number, b: number, c: number) => number[];
} = {
  encode: (d, _e, a, b) => [d, a, 3, 12, 2, b],
  hashLeaves: (d, _e, a) => [d, a, 17, 12],
  hashNodes: (d, _e, a) => [d, a, 5001],
  grind: (_d, _e, a) => [a, 13, 7, 60000],
  bindExt: (d, _e, a, b) => [d, a, 2, 2 ** 14, b],
  eqTable: (d, _e, a, b) => [d, a, 13, b],
  addOuter: (d, _e, a, b) => [d, 2 ** 14, a, 64, b, 128],
  contractBase: (d, _e, a, b) => [d, a, b, 5, 40, 300],
  contractExt: (d, _e, a, b) => [d, a, b, 3, 40, 200],
  productRound: (d, _e, a, b) => [d, a, b, 2 ** 13],
  eqProductRound: (d, _e, a, b, c) => [d, a, b, c, 2 ** 13],
  fractionLayer: (d, e, a, b) => [d, e, a, b, 2 ** 13],
  fractionLayerBase: (d, e, a, b) => [d, e, a, b, 2 ** 13],
  fractionRound: (d, _e, a, b, c) => [d, c, c, 7, a, b, 2 ** 13],
  canonical: (d) => [d, 32001],
  gather: (d, _e, a) => [d, a, 32, 32, 2 ** 10],
  unitLayer: (d, e, a) => [d, e, a, 2 ** 13],
  unitRound: (d, _e, a, b, c) => [d, c, c, 7, a, 2 ** 13, b],
  fill: (d, _e, a) => [d, 2 ** 15, 32001, a],
  axpyBase: (d, _e, a, b) => [d, 2 ** 15, a, 32001, b],
  axpyExt: (d, _e, a, b) => [d, 2 ** 15, a, 32001, b],
  multiplyAdd: (d, _e, a, b) => [d, a, b, 12345, 200, 300, 300, 0, 3, 100, 100, 7, 100, 1, 1, 1],
  matVec: (d, _e, a, b) => [d, a, b, 1000, 100],
};

/** Runs every call from the same words; what it returns and leaves in the destinations, as digests. */
function runAll(kernels: Kernels, memory: WebAssembly.Memory): Record<string, string> {
  const arena = new Arena(memory, KERNEL_BASE);
  const operands = Array.from({ length: 5 }, () => arena.alloc(WORDS));
  const results: Record<string, string> = {};
  for (const name of KERNEL_NAMES) {
    operands.forEach((ptr, k) => {
      const words = arena.u32(ptr, WORDS);
      for (let i = 0; i < WORDS; i++) words[i] = ((Math.imul(i + k * WORDS + 1, 0x9e3779b9) >>> 0) % P) >>> 0;
    });
    const [d, e, a, b, c] = operands;
    const kernel = kernels[name] as (...args: number[]) => unknown;
    const returned = kernel(...CALLS[name](d, e, a, b, c));
    const left = new Bun.CryptoHasher("sha256").update(arena.u32(d, 2 * WORDS).slice()).digest("hex");
    results[name] = `${name === "grind" ? returned : ""} ${left}`;
  }
  return results;
}

describe("kernels on several threads", () => {
  const plainMemory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const expected = runAll(wasmKernels(plainMemory), plainMemory);

  test("in chunks, all by the leader", () => {
    for (const chunkGrains of [1, 3]) {
      const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
      const board = new JobBoard(createControl(), memory, rangedKernels(memory), 0);
      const kernels = kernelsOf((name) => (...args) => {
        const units = SPLITS[name].units(...args);
        const grains = Math.max(chunkGrains, Math.ceil(units / SPLITS[name].grain / 4000));
        return board.run({
          kernel: KERNEL_NAMES.indexOf(name),
          args,
          units,
          chunk: grains * SPLITS[name].grain,
        });
      });
      expect(runAll(kernels, memory)).toEqual(expected);
    }
  });

  test("by three threads, again and again, and after they are closed", async () => {
    const { kernels, arena, close } = createKernels({ threads: 3 });
    expect(runAll(kernels, arena.memory)).toEqual(expected);
    await Bun.sleep(200); // the helpers are there by now
    for (let k = 0; k < 5; k++) expect(runAll(kernels, arena.memory)).toEqual(expected);
    close();
    expect(runAll(kernels, arena.memory)).toEqual(expected);
  });

  test("without garbage, as a helper at work does not collect any", () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
    const board = new JobBoard(createControl(), memory, rangedKernels(memory), 0);
    const ptr = new Arena(memory, KERNEL_BASE).alloc(WORDS);
    const jobs = { fill: [ptr, 4000, 4000, ptr], productRound: [ptr, ptr, ptr, 4000] };
    const run = (name: keyof typeof jobs, times: number) => {
      const job = { kernel: KERNEL_NAMES.indexOf(name), args: jobs[name], units: 4000, chunk: 1 };
      for (let k = 0; k < times; k++) board.run(job);
    };
    for (const name of ["fill", "productRound"] as const) {
      run(name, 20);
      Bun.gc(true);
      const before = heapStats().heapCapacity;
      run(name, 20);
      const bytes = (heapStats().heapCapacity - before) / (20 * 4000);
      expect(bytes).toBeLessThan(8); // of a chunk; an array for its arguments would be 100
    }
  });

  test("while helpers come and go", () => {
    for (let k = 0; k < 12; k++) {
      const { kernels, arena, close } = createKernels({ threads: 4 });
      const state = arena.alloc(8);
      arena.u32(state, 8).fill(k);
      const nonces = Array.from({ length: 40 }, (_, i) => kernels.grind(state, 12, 5000 * i, 5000));
      const alone = wasmKernels(arena.memory, 15);
      expect(nonces).toEqual(nonces.map((_, i) => alone.grind(state, 12, 5000 * i, 5000)));
      close();
    }
  });

  test("the leader is told which helper has gone, once", () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
    const control = createControl();
    const [leader, , second] = [0, 1, 2].map((thread) => {
      return new JobBoard(control, memory, rangedKernels(memory, thread), thread);
    });
    expect(leader.takeGone()).toBe(0);
    second.help(1); // nothing to do for a millisecond
    expect([leader.takeGone(), leader.takeGone()]).toEqual([1 << 2, 0]);
  });

  test("a segment's proof does not depend on them", () => {
    const model = tinyModel();
    const rows = decodeSegments(model, 2, [1, 5, 3], 8);
    const [one, three] = [1, 3].map((threads) => {
      const prover = SegmentProver.create(model, {
        logSegment: 2,
        promptLength: 3,
        profile: testProfile,
        threads,
      });
      const proofs = rows.map((segment) => prover.prove(segment).proof);
      prover.close();
      return proofs;
    });
    expect(three).toEqual(one);
  }, 30_000);
});
