import { type Ext, ZERO } from "../field/ext.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";

/**
 * Extension elements in and out of the kernels' memory.
 *
 * @example
 * ```ts
 * const ptr = putVector(arena, [a, b, c, d]); // five planes of 4 words
 * console.log(getVector(arena, ptr, 4)); // [a, b, c, d]
 * ```
 */

/** Scalars, 5 consecutive words each, newly allocated. */
export function putScalars(arena: Arena, elements: readonly Ext[]): Ptr {
  const ptr = arena.alloc(5 * elements.length);
  arena.u32(ptr, 5 * elements.length).set(elements.flat());
  return ptr;
}

export function getScalars(arena: Arena, ptr: Ptr, count: number): Ext[] {
  const w = arena.u32(ptr, 5 * count);
  return Array.from({ length: count }, (_, i) => [...w.subarray(5 * i, 5 * i + 5)] as unknown as Ext);
}

export function getScalar(arena: Arena, ptr: Ptr, index = 0): Ext {
  const w = arena.u32(ptr + 20 * index, 5);
  return [w[0], w[1], w[2], w[3], w[4]] as unknown as Ext;
}

/** A vector of any length in five planes, newly allocated. */
export function putVector(arena: Arena, elements: readonly Ext[]): Ptr {
  const n = elements.length;
  const ptr = arena.alloc(5 * n);
  const words = arena.u32(ptr, 5 * n);
  elements.forEach((element, i) => {
    for (let j = 0; j < 5; j++) words[j * n + i] = element[j] as number;
  });
  return ptr;
}

/** A vector of n elements, its planes n words apart. */
export function getVector(arena: Arena, ptr: Ptr, n: number): Ext[] {
  const w = arena.u32(ptr, 5 * n);
  return Array.from(
    { length: n },
    (_, i) => [w[i], w[n + i], w[2 * n + i], w[3 * n + i], w[4 * n + i]] as unknown as Ext,
  );
}

/** Words of one memory in another, newly allocated. */
export function copyWords(to: Prover, from: Prover, ptr: Ptr, size: number): Ptr {
  const copy = to.arena.alloc(size);
  to.arena.u32(copy, size).set(from.arena.u32(ptr, size));
  return copy;
}

/** A vector of n zeros, newly allocated. */
export function zeroVector({ kernels, arena }: Prover, n: number): Ptr {
  const ptr = arena.alloc(5 * n);
  const mark = arena.mark();
  kernels.fill(ptr, n, n, putScalars(arena, [ZERO]));
  arena.release(mark);
  return ptr;
}
