/**
 * BLAKE3's compression function with its whole output of 16 words (the BLAKE3 paper, v. 2021-11, §2.2),
 * word by word: what one row of the circuit's hash table states. The seam `hash/blake3.ts` offers only
 * whole hashes; a test holds the two against each other.
 *
 * @example
 * ```ts
 * import { compress, FLAGS, IV } from "./compression.ts";
 * const flags = FLAGS.chunkStart | FLAGS.chunkEnd | FLAGS.root;
 * const digest = compress(IV, new Uint32Array(16), { counter: 0, length: 64, flags }).slice(0, 8);
 * ```
 */

/** What tells one compression from another besides its words; fixed by the circuit. */
export interface CompressionParameters {
  /** Chunk number, or block number of the extended output; below 2^32. */
  readonly counter: number;
  /** Bytes of the block in use, 0 to 64. */
  readonly length: number;
  readonly flags: number;
}

export const FLAGS = { chunkStart: 1, chunkEnd: 2, root: 8, keyed: 16 } as const;

export const IV: Uint32Array = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);

/** Message word k of round r is word PERMUTATION^r(k). */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const ROUNDS = 7;

/** The 16 output words for 8 chaining words and 16 message words. */
export function compress(
  chaining: ArrayLike<number>,
  message: ArrayLike<number>,
  { counter, length, flags }: CompressionParameters,
): Uint32Array {
  const v = new Uint32Array(16);
  for (let i = 0; i < 8; i++) v[i] = chaining[i];
  for (let i = 0; i < 4; i++) v[8 + i] = IV[i];
  v[12] = counter;
  v[14] = length;
  v[15] = flags;
  let m = Uint32Array.from(message);
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) m = Uint32Array.from(PERMUTATION, (k) => m[k]);
    for (let i = 0; i < 4; i++) mix(v, i, 4 + i, 8 + i, 12 + i, m[2 * i], m[2 * i + 1]);
    for (let i = 0; i < 4; i++)
      mix(v, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), m[8 + 2 * i], m[9 + 2 * i]);
  }
  for (let i = 0; i < 8; i++) {
    v[i] ^= v[i + 8];
    v[i + 8] ^= chaining[i];
  }
  return v;
}

/** The quarter round G. */
function mix(v: Uint32Array, a: number, b: number, c: number, d: number, x: number, y: number): void {
  v[a] = v[a] + v[b] + x;
  v[d] = rotate(v[d] ^ v[a], 16);
  v[c] = v[c] + v[d];
  v[b] = rotate(v[b] ^ v[c], 12);
  v[a] = v[a] + v[b] + y;
  v[d] = rotate(v[d] ^ v[a], 8);
  v[c] = v[c] + v[d];
  v[b] = rotate(v[b] ^ v[c], 7);
}

function rotate(x: number, k: number): number {
  return (x >>> k) | (x << (32 - k));
}
