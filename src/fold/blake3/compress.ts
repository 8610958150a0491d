import { IV, MESSAGE_OF, STEPS } from "./schedule.ts";

/** What one compression is of. Words are u32; the counter is below 2^16, see `parameterCells`. */
export interface Compression {
  /** Chaining value, 8 words. */
  readonly cv: ArrayLike<number>;
  /** 16 words. */
  readonly block: ArrayLike<number>;
  readonly counter: number;
  /** Bytes of the block in use. */
  readonly blockLength: number;
  readonly flags: number;
}

/** The state v_0 … v_15 before the first round. */
export function initialState({ cv, counter, blockLength, flags }: Compression, state: Uint32Array): void {
  for (let k = 0; k < 8; k++) state[k] = cv[k];
  state.set(IV, 8);
  state[12] = counter;
  state[13] = 0;
  state[14] = blockLength;
  state[15] = flags;
}

/** All 16 output words: the first 8 are the chaining value, all of them a block of extended output. */
export function compress(input: Compression): Uint32Array {
  const v = new Uint32Array(16);
  initialState(input, v);
  for (let step = 0; step < STEPS; step++)
    for (let q = 0; q < 4; q++) {
      const diagonal = step & 1;
      const a = q;
      const b = 4 + ((q + diagonal) & 3);
      const c = 8 + ((q + 2 * diagonal) & 3);
      const d = 12 + ((q + 3 * diagonal) & 3);
      for (let half = 0; half < 2; half++) {
        v[a] += v[b] + input.block[MESSAGE_OF[8 * step + 2 * q + half]];
        v[d] = rotateRight(v[d] ^ v[a], half === 0 ? 16 : 8);
        v[c] += v[d];
        v[b] = rotateRight(v[b] ^ v[c], half === 0 ? 12 : 7);
      }
    }
  for (let k = 0; k < 8; k++) {
    v[k] ^= v[k + 8];
    v[k + 8] ^= input.cv[k];
  }
  return v;
}

export function rotateRight(word: number, count: number): number {
  return ((word >>> count) | (word << (32 - count))) >>> 0;
}
