import { createControl, JobBoard, MAX_CHUNKS } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { KERNEL_NAMES, SPLITS, type Split } from "./splits.ts";
import { kernelModule, kernelsOf, MAX_THREADS, rangedKernels } from "./wasmKernels.ts";

/** What a helper is started with. */
export interface HelperStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly thread: number;
}

/** Calls cheaper than this stay on one thread; a chunk takes at least the second. */
const WORTH_NS = 30_000;
const CHUNK_NS = 10_000;
/** Chunks for each thread, so that one that is held up does not hold up the others for long. */
const CHUNKS_PER_THREAD = 6;

export interface KernelPool {
  readonly kernels: Kernels;
  /** Ends the helpers; the kernels go on with one thread. */
  close(): void;
}

/**
 * The kernels on `threads` threads over a shared memory. Helpers are started by the first call that is
 * worth it and take part as soon as they are there; nothing waits for them. Idle ones end by themselves.
 */
export function poolKernels(memory: WebAssembly.Memory, threads: number): KernelPool {
  const module = kernelModule(true);
  const ranged = rangedKernels(memory, 0, module);
  const control = createControl();
  const board = new JobBoard(control, memory, ranged, 0);
  const helpers = new Map<number, Worker>();
  let isOpen = true;

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    board.close();
    for (const helper of helpers.values()) helper.terminate();
    helpers.clear();
  };

  const startHelpers = () => {
    const gone = board.takeGone();
    for (let thread = 1; thread < Math.min(threads, MAX_THREADS); thread++) {
      const known = helpers.get(thread);
      if (known && ((gone >> thread) & 1) === 0) continue;
      known?.terminate();
      const helper = startHelper({ module, memory, control, thread }, close);
      if (!helper) return close();
      helpers.set(thread, helper);
    }
  };

  const kernels = kernelsOf((name) => {
    const split = SPLITS[name];
    const kernel = KERNEL_NAMES.indexOf(name);
    const single = ranged[name];
    return (...args) => {
      const units = split.units(...args);
      const nanoseconds = units * split.cost(...args);
      if (nanoseconds < WORTH_NS || !isOpen) return single(...args, 0, units);
      startHelpers();
      const chunk = chunkOf(split, units, nanoseconds, threads);
      return board.run({ kernel, args, units, chunk });
    };
  });
  return { kernels, close };
}

/** Units of a chunk: a multiple of the grain. A search is over when the first chunk with a result is: so small ones. */
export function chunkOf(
  { grain, result }: Split,
  units: number,
  nanoseconds: number,
  threads: number,
): number {
  const most = result === "least" ? MAX_CHUNKS : CHUNKS_PER_THREAD * threads;
  const chunks = Math.min(most, Math.ceil(nanoseconds / CHUNK_NS));
  return Math.ceil(units / chunks / grain) * grain;
}

/** Starts a helper; undefined where there are no workers. `failed` is called if it cannot run. */
function startHelper(start: HelperStart, failed: () => void): Worker | undefined {
  if (typeof Worker === "undefined") return undefined;
  const worker = new Worker(new URL("./poolWorker.ts", import.meta.url), { type: "module" });
  // Nothing waits for a helper that took no chunk, so one that cannot start is only missing.
  worker.onerror = (event) => {
    event.preventDefault();
    failed();
  };
  // One that has gone: what it holds is freed, now or when the leader finds it missing.
  worker.onmessage = () => worker.terminate();
  worker.postMessage(start);
  // Where a worker counts as work in progress, it must not keep the process alive.
  if ("unref" in worker && typeof worker.unref === "function") worker.unref();
  return worker;
}
