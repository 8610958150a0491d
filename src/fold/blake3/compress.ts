import { compress as compressWords } from "../../hash/compress.ts";
import { IV } from "../../hash/schedule.ts";

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
  state.set(IV.slice(0, 4), 8);
  state[12] = counter;
  state[13] = 0;
  state[14] = blockLength;
  state[15] = flags;
}

/** All 16 output words: the first 8 are the chaining value, all of them a block of extended output. */
export function compress({ cv, block, counter, blockLength, flags }: Compression): Uint32Array {
  const out = new Uint32Array(16);
  compressWords(out, cv, block, 0, 16, blockLength, counter, flags);
  return out;
}

export function rotateRight(word: number, count: number): number {
  return ((word >>> count) | (word << (32 - count))) >>> 0;
}
