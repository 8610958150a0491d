import { Arena } from "./arena.ts";
import type { Kernels } from "./kernels.ts";
import { scalarKernels } from "./scalarKernels.ts";
import { KERNEL_BASE, wasmKernels } from "./wasmKernels.ts";

const MAX_PAGES = 65536;

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
export function createKernels(options: { scalar?: boolean } = {}): {
  kernels: Kernels;
  arena: Arena;
} {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES });
  const kernels = options.scalar ? scalarKernels(memory) : wasmKernels(memory);
  return { kernels, arena: new Arena(memory, KERNEL_BASE) };
}
