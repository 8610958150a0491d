import type { Prover } from "../src/hash/proverChannel.ts";

type Kernel = (...args: number[]) => unknown;

/** Milliseconds that the kernels of some provers take, by kernel: their functions are replaced by timed ones. */
export class KernelClock {
  #spent = new Map<string, number>();

  constructor(provers: Iterable<Prover>) {
    for (const { kernels } of new Set(provers)) {
      const timed = kernels as unknown as Record<string, Kernel>;
      for (const [name, kernel] of Object.entries(timed))
        timed[name] = (...args) => {
          const started = performance.now();
          const result = kernel(...args);
          this.#spent.set(name, (this.#spent.get(name) ?? 0) + performance.now() - started);
          return result;
        };
    }
  }

  /** The times since the last call, largest first. */
  take(): [name: string, ms: number][] {
    const spent = [...this.#spent].sort(([, a], [, b]) => b - a);
    this.#spent = new Map();
    return spent;
  }
}
