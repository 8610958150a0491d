import { P } from "../../src/field/m31.ts";
import { Arena } from "../../src/kernels/arena.ts";
import type { Kernels, Ptr } from "../../src/kernels/kernels.ts";
import { scalarKernels } from "../../src/kernels/scalarKernels.ts";
import { KERNEL_BASE, wasmKernels } from "../../src/kernels/wasmKernels.ts";

const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
const scalar = scalarKernels(memory);
const wasm = wasmKernels(memory);

export const arena = new Arena(memory, KERNEL_BASE);

/** What a test vector is filled with. */
export type Fill = "random" | "zero" | "one" | "top";
export const FILLS: readonly Fill[] = ["random", "zero", "one", "top"];

/** Deterministic words below 2^32 (xorshift). */
let seed = 0x9e3779b9;
export function randomWord(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

const WORD: Record<Fill, () => number> = {
  random: () => randomWord() % P,
  zero: () => 0,
  one: () => 1,
  top: () => P - 1,
};

/** Allocates a vector of canonical words. */
export function vector(words: number, fill: Fill = "random"): Ptr {
  const ptr = arena.alloc(words);
  const view = arena.u32(ptr, words);
  for (let i = 0; i < words; i++) view[i] = WORD[fill]();
  return ptr;
}

/** Words that no kernel may touch follow every destination. */
const GUARD = 16;

/**
 * Runs both twins on the same inputs, made by `inputs`, each with its own destinations of the given
 * sizes (with the same arbitrary canonical contents); returns what they left there.
 */
export function runTwins(
  sizes: readonly number[],
  run: (kernels: Kernels, ...destinations: Ptr[]) => unknown,
): { scalar: Uint32Array[]; wasm: Uint32Array[] } {
  const initial = sizes.map((size) => Uint32Array.from({ length: size + GUARD }, WORD.random));
  const results = [scalar, wasm].map((kernels) => {
    const pointers = sizes.map((size) => arena.alloc(size + GUARD));
    pointers.forEach((ptr, i) => {
      arena.u32(ptr, (sizes[i] as number) + GUARD).set(initial[i] as Uint32Array);
    });
    run(kernels, ...pointers);
    return pointers.map((ptr, i) => arena.u32(ptr, (sizes[i] as number) + GUARD).slice());
  });
  return { scalar: results[0] as Uint32Array[], wasm: results[1] as Uint32Array[] };
}
