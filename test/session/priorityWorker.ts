/**
 * A thread that tells its priority before and after it was lowered; `depth` threads further start one another.
 *
 * @module
 */
import { getPriority } from "node:os";
import { lowerPriority } from "../../src/session/adapters/lowerPriority.ts";

self.onmessage = async ({ data: depth }: MessageEvent<number>) => {
  const before = getPriority(0);
  if (depth > 0) await lowerPriority();
  const own = [before, getPriority(0)];
  if (depth === 0) return self.postMessage(own);
  const started = new Worker(new URL("./priorityWorker.ts", import.meta.url), { type: "module" });
  started.onmessage = (event: MessageEvent<number[]>) => self.postMessage([...own, ...event.data]);
  started.postMessage(depth - 1);
};
