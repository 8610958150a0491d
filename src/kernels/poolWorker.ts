/**
 * A helper thread of `poolKernels`.
 *
 * @module
 */
import { JobBoard } from "./job.ts";
import type { HelperStart } from "./pool.ts";
import { rangedKernels } from "./wasmKernels.ts";

/** A pool that has no work for this long may have been forgotten. */
const IDLE_MS = 3000;

self.onmessage = ({ data }: MessageEvent<HelperStart>) => {
  const { module, memory, control, thread } = data;
  new JobBoard(control, memory, rangedKernels(memory, thread, module), thread).help(IDLE_MS);
  self.postMessage("gone");
};
