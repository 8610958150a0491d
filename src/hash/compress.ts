import { IV, MESSAGE_OF, STEPS } from "./schedule.ts";

/** Domain flags of a compression. */
export const FLAGS = { chunkStart: 1, chunkEnd: 2, root: 8, keyedHash: 16 } as const;

/** Words of a compression's chaining value. */
const CHAIN = 8;
/** The state, of every call: signed, as JavaScript's word operations are. */
const v = new Int32Array(16);
/** The block that is compressed. */
const m = new Int32Array(16);

/**
 * BLAKE3's compression (the BLAKE3 paper, §2.2) on words: writes to `out` the 16 output words, of which the
 * first 8 are the chaining value.
 *
 * @param chain 8 words
 * @param words the block is words[from] … words[from + count − 1], filled with zeros; count ≤ 16
 * @param length the block's bytes in use
 * @param counter below 2^32
 */
export function compress(
  out: Uint32Array,
  chain: ArrayLike<number>,
  words: ArrayLike<number>,
  from: number,
  count: number,
  length: number,
  counter: number,
  flags: number,
): void {
  for (let k = 0; k < 16; k++) m[k] = k < count ? (words[from + k] as number) : 0;
  for (let k = 0; k < CHAIN; k++) v[k] = chain[k] as number;
  for (let k = 0; k < 4; k++) v[8 + k] = IV[k] as number;
  v[12] = counter;
  v[13] = 0;
  v[14] = length;
  v[15] = flags;
  for (let step = 0; step < STEPS; step += 2) {
    const s = 8 * step;
    mix(0, 4, 8, 12, s);
    mix(1, 5, 9, 13, s + 2);
    mix(2, 6, 10, 14, s + 4);
    mix(3, 7, 11, 15, s + 6);
    mix(0, 5, 10, 15, s + 8);
    mix(1, 6, 11, 12, s + 10);
    mix(2, 7, 8, 13, s + 12);
    mix(3, 4, 9, 14, s + 14);
  }
  for (let k = 0; k < CHAIN; k++) {
    const cv = chain[k] as number;
    out[k] = (v[k] as number) ^ (v[k + 8] as number);
    out[k + 8] = (v[k + 8] as number) ^ cv;
  }
}

/** G on four words of the state; `s` is where the schedule names its two message words. */
function mix(ia: number, ib: number, ic: number, id: number, s: number): void {
  let a = v[ia] as number;
  let b = v[ib] as number;
  let c = v[ic] as number;
  let d = v[id] as number;
  a = (a + b + (m[MESSAGE_OF[s] as number] as number)) | 0;
  d ^= a;
  d = (d >>> 16) | (d << 16);
  c = (c + d) | 0;
  b ^= c;
  b = (b >>> 12) | (b << 20);
  a = (a + b + (m[MESSAGE_OF[s + 1] as number] as number)) | 0;
  d ^= a;
  d = (d >>> 8) | (d << 24);
  c = (c + d) | 0;
  b ^= c;
  v[ia] = a;
  v[ib] = (b >>> 7) | (b << 25);
  v[ic] = c;
  v[id] = d;
}
