/**
 * Planes and halves of a vector lie powers of two apart, so one element of many vectors is many cache
 * lines of one set, and they evict each other before their other elements are used. So large vectors
 * are worked through by copies of 16 elements, whole cache lines, in a scratch of this thread.
 */

/** Elements (of a half) from which on copying pays. */
export const STAGED: i32 = 1024;

/** Bytes of 16 extension elements, and of a pair of such sets: the low and the high half. */
export const SET: usize = 320;
export const PAIR: usize = 640;

export let scratch: usize = 0;

/** Sets the scratch: 4096 bytes that no other thread uses. */
export function useScratch(ptr: usize): void {
  scratch = ptr;
}

/** Copies 16 elements to planes 64 bytes apart. */
export function stage(to: usize, from: usize, plane: usize): void {
  for (let j = 0; j < 5; j++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    to += 64;
    from += plane;
  }
}

/** Copies 16 elements and those `top` bytes after them to pair `index` of the scratch. */
export function stagePair(index: usize, from: usize, top: usize, plane: usize): void {
  const to = scratch + index * PAIR;
  stage(to, from, plane);
  stage(to + SET, from + top, plane);
}
