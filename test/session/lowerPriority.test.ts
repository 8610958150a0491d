import { expect, test } from "bun:test";
import { getPriority } from "node:os";
import process from "node:process";

test.skipIf(process.platform !== "linux")(
  "a thread's priority: its own is lowered, that of threads it starts with it, no other one",
  async () => {
    const all = getPriority(0);
    const worker = new Worker(new URL("./priorityWorker.ts", import.meta.url), { type: "module" });
    const priorities = await new Promise<number[]>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<number[]>) => resolve(data);
      worker.postMessage(1);
    });
    worker.terminate();
    const lower = Math.min(all + 10, 19);
    expect(priorities).toEqual([all, lower, lower, lower]);
    expect(getPriority(0)).toBe(all);
  },
);
