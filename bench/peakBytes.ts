import { readFileSync } from "node:fs";
import process from "node:process";

/** The most memory that this process has held so far; where the system does not tell, what it holds now. */
export function peakBytes(): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kib) return 1024 * Number(kib);
  } catch {
    // not Linux
  }
  return process.memoryUsage().rss;
}
