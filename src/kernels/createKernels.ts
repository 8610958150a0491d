import { Arena } from "./arena.ts";
import type { Kernels } from "./kernels.ts";
import { scalarKernels } from "./scalarKernels.ts";

/** Kernels and the arena over their memory. */
export function createKernels(_options: { scalar?: boolean } = {}): { kernels: Kernels; arena: Arena } {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  return { kernels: scalarKernels(memory), arena: new Arena(memory, 65536) };
}
