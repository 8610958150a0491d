import { KERNEL_MODULE } from "./kernelModule.ts";
import type { Kernels, Ptr } from "./kernels.ts";
import { KERNEL_NAMES, SPLITS } from "./splits.ts";

/** The first byte that is not the kernels' own: where an `Arena` may begin. */
export const KERNEL_BASE = 65536;

/** Every thread's share of what lies below: copies of what a kernel works on, then a round's sums. */
const SCRATCH_BYTES = 4096;
const SUMS_OFFSET = SCRATCH_BYTES - 64;
export const MAX_THREADS = KERNEL_BASE / SCRATCH_BYTES;

/** Where a thread may put the 10 words of a round's message. */
export function sumsOf(thread: number): Ptr {
  return thread * SCRATCH_BYTES + SUMS_OFFSET;
}

/** The module's functions: the arguments of `Kernels`, then a range of units (`SPLITS`). */
export type RangedKernels = { readonly [name in keyof Kernels]: (...argsAndRange: number[]) => number };

interface Scratch {
  useScratch(ptr: Ptr): void;
}

/** Memory limits as the binary format flags them: with a maximum, and shared as well. */
const UNSHARED = 1;
const SHARED = 3;

/** By whether the imported memory is shared. */
const modules = new Map<boolean, WebAssembly.Module>();

/** The compiled kernels. A module imports either a shared or an unshared memory: one byte of its binary says which. */
export function kernelModule(shared: boolean): WebAssembly.Module {
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
 * The module's functions over a memory, which may be shared: then every thread makes its own, with its
 * own number. Instantiated synchronously; the memory's maximum must be given.
 */
export function rangedKernels(
  memory: WebAssembly.Memory,
  thread = 0,
  module = kernelModule(!(memory.buffer instanceof ArrayBuffer)),
): RangedKernels {
  if (thread < 0 || thread >= MAX_THREADS)
    throw new RangeError(`kernels: expected a thread below ${MAX_THREADS}, got ${thread}`);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { useScratch, ...kernels } = exports as unknown as RangedKernels & Scratch;
  useScratch(thread * SCRATCH_BYTES);
  return kernels;
}

/** The kernels in WebAssembly SIMD, on this thread alone. */
export function wasmKernels(memory: WebAssembly.Memory, thread = 0): Kernels {
  const ranged = rangedKernels(memory, thread);
  return kernelsOf((name) => {
    const kernel = ranged[name];
    const { units } = SPLITS[name];
    return (...args) => kernel(...args, 0, units(...args));
  });
}

/** All kernels, each made by `make`. */
export function kernelsOf(make: (name: keyof Kernels) => (...args: number[]) => number): Kernels {
  return Object.fromEntries(KERNEL_NAMES.map((name) => [name, make(name)])) as unknown as Kernels;
}
