import type { Ext } from "../../field/ext.ts";
import type { Ptr } from "../kernels.ts";

/** The words of an extension or base vector from ptr on; made anew for each call, as the memory may have grown. */
export function wordsAt(memory: WebAssembly.Memory, ptr: Ptr): Uint32Array {
  return new Uint32Array(memory.buffer, ptr);
}

/** Word i. */
export function load(words: Uint32Array, i: number): number {
  return words[i] as number;
}

/** Element i of an extension vector with planes `stride` words apart (stride 1: a scalar). */
export function loadExt(words: Uint32Array, stride: number, i: number): Ext {
  return [
    load(words, i),
    load(words, stride + i),
    load(words, 2 * stride + i),
    load(words, 3 * stride + i),
    load(words, 4 * stride + i),
  ];
}

export function storeExt(words: Uint32Array, stride: number, i: number, value: Ext): void {
  value.forEach((word, j) => {
    words[j * stride + i] = word;
  });
}
