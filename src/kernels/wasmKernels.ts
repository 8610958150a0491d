import { KERNEL_MODULE } from "./kernelModule.ts";
import type { Kernels, Ptr } from "./kernels.ts";

/** The first byte that is not the kernels' own: where an `Arena` may begin. */
export const KERNEL_BASE = 65536;

const SCRATCH_BYTES = 4096;
const MAX_THREADS = KERNEL_BASE / SCRATCH_BYTES;

interface Scratch {
  useScratch(ptr: Ptr): void;
}

/** Memory limits as the binary format flags them: with a maximum, and shared as well. */
const UNSHARED = 1;
const SHARED = 3;

/** By whether the imported memory is shared. */
const modules = new Map<boolean, WebAssembly.Module>();

/** A module imports either a shared or an unshared memory: one byte of its binary says which. */
function compile(shared: boolean): WebAssembly.Module {
  const known = modules.get(shared);
  if (known) return known;
  const binary = Uint8Array.from(atob(KERNEL_MODULE.replaceAll("\n", "")), (c) => c.charCodeAt(0));
  // The import "env" "memory" of kind 2 (a memory), then the flags.
  const name = "\x03env\x06memory\x02";
  const at = String.fromCharCode(...binary.subarray(0, 1024)).indexOf(name) + name.length;
  if (binary[at] !== UNSHARED)
    throw new Error(`kernel module: expected memory flags ${UNSHARED}, found ${binary[at]}`);
  if (shared) binary[at] = SHARED;
  const module = new WebAssembly.Module(binary);
  modules.set(shared, module);
  return module;
}

/**
 * The kernels in WebAssembly SIMD, instantiated synchronously. The memory's maximum must be given.
 * It may be shared: then every thread makes its own kernels, with its own number.
 */
export function wasmKernels(memory: WebAssembly.Memory, thread = 0): Kernels {
  if (thread < 0 || thread >= MAX_THREADS)
    throw new RangeError(`kernels: expected a thread below ${MAX_THREADS}, got ${thread}`);
  const module = compile(!(memory.buffer instanceof ArrayBuffer));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { useScratch, ...kernels } = exports as unknown as Kernels & Scratch;
  useScratch(thread * SCRATCH_BYTES);
  return kernels;
}
