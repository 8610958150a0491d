import { Arena } from "./arena.ts";
import type { Kernels } from "./kernels.ts";
import { poolKernels } from "./pool.ts";
import { scalarKernels } from "./scalarKernels.ts";
import { KERNEL_BASE, wasmKernels } from "./wasmKernels.ts";

const MAX_PAGES = 65536;

export interface KernelOptions {
  /** Plain TypeScript instead of WebAssembly. */
  readonly scalar?: boolean;
  /** Threads, this one counted; 1 by default, and where memory cannot be shared. */
  readonly threads?: number;
}

export interface KernelMemory {
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Ends the helper threads; the kernels can still be used. */
  close(): void;
}

/**
 * Kernels over a new memory, and the arena of that memory.
 *
 * @example
 * ```ts
 * import { createKernels } from "./createKernels.ts";
 * const { kernels, arena } = createKernels();
 * const [v, coefficient, dst] = [arena.alloc(8), arena.alloc(5), arena.alloc(40)];
 * arena.u32(coefficient, 5).set([1, 2, 3, 4, 5]);
 * arena.u32(v, 8).fill(1);
 * arena.u32(dst, 40).fill(0);
 * kernels.axpyBase(dst, 8, v, 8, coefficient);
 * ```
 */
export function createKernels({ scalar = false, threads = 1 }: KernelOptions = {}): KernelMemory {
  const shared = !scalar && threads > 1 && typeof SharedArrayBuffer !== "undefined";
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared });
  const arena = new Arena(memory, KERNEL_BASE);
  if (shared) return { ...poolKernels(memory, threads), arena };
  return { kernels: scalar ? scalarKernels(memory) : wasmKernels(memory), arena, close: () => {} };
}

/** As many threads as there are processors, as far as the runtime tells. */
export function availableThreads(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}
