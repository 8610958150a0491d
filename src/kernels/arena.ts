import type { Ptr } from "./kernels.ts";

/** The memory grows by multiples of this many bytes: growing is a system call. */
const GROWTH = 2 ** 22;

/**
 * A bump allocator over the kernels' linear memory: `mark` and `release` bracket a phase, and
 * whatever was allocated in between is gone. Grows the memory as needed.
 */
export class Arena {
  #top: number;
  /** The memory as it was when last asked: asking is slow. Too short once another arena has made it grow. */
  #words: Uint32Array = new Uint32Array(0);

  /** Bytes below `base` belong to the kernels themselves. */
  constructor(
    readonly memory: WebAssembly.Memory,
    base: number,
  ) {
    this.#top = Math.ceil(base / 64) * 64;
  }

  /**
   * `words` u32 words, 64-byte aligned, not cleared. The memory goes on for at least 64 bytes more:
   * kernels read whole vectors, and may so read past an end.
   */
  alloc(words: number): Ptr {
    const ptr = this.#top;
    const top = ptr + Math.ceil(words / 16) * 64;
    const missing = top + 64 - this.words(top + 64).byteLength;
    if (missing > 0) this.#grow(missing);
    this.#top = top;
    return ptr;
  }

  #grow(bytes: number): void {
    try {
      this.memory.grow(Math.ceil(bytes / GROWTH) * (GROWTH / 65536));
    } catch (cause) {
      const held = this.memory.buffer.byteLength;
      throw new RangeError(`memory: expected room for ${bytes} bytes beside ${held}, found none`, { cause });
    }
  }

  /** A view of `words` u32 words; invalid after the next `alloc`, which may grow the memory. */
  u32(ptr: Ptr, words: number): Uint32Array {
    const end = ptr + 4 * words;
    return new Uint32Array(this.words(end).buffer, ptr, words);
  }

  /** All of the memory, at least up to the byte `end` if it is so large: for single elements. As short-lived as `u32`. */
  words(end: Ptr): Uint32Array {
    if (end > this.#words.byteLength) this.#words = new Uint32Array(this.memory.buffer);
    return this.#words;
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }
}
