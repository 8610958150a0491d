import { blake3 } from "@noble/hashes/blake3.js";
import { compress, FLAGS } from "./compress.ts";
import { IV } from "./schedule.ts";

/**
 * The one seam to BLAKE3 (the BLAKE3 paper, v. 2021-11). Everything in this project hashes 32-bit
 * words, as their little-endian bytes; a digest is eight words.
 *
 * Two uses that cannot be confused: Merkle leaves, nodes and grinding use the plain hash, the
 * transcript the keyed one (another flag in every compression).
 *
 * @example
 * ```ts
 * import { hashPair, hashWords } from "./blake3.ts";
 * const leaf = hashWords([1, 2, 3]);
 * console.log(hashPair(leaf, leaf).length); // 8
 * ```
 */

/** Words of a digest. */
export const DIGEST_WORDS = 8;
/** Words of one block of a compression, and of its extended output. */
export const BLOCK_WORDS = 16;
/** Words of a chunk: longer messages would be hashed as a tree. */
export const CHUNK_WORDS = 256;

/** The words' bytes, little-endian as every host of this code is. */
function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** `bytes` as words; a copy, so that alignment does not matter. The length is a multiple of 4. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

function asWords(words: ArrayLike<number>): Uint32Array {
  return words instanceof Uint32Array ? words : Uint32Array.from(words);
}

/** BLAKE3 of any number of words. */
export function hashWords(words: ArrayLike<number>): Uint32Array {
  if (words.length > CHUNK_WORDS) return wordsOf(blake3(bytesOf(asWords(words))));
  const last = compressChunk(IV, words, 0);
  const out = new Uint32Array(BLOCK_WORDS);
  last(out, 0);
  return out.slice(0, DIGEST_WORDS);
}

const pair = new Uint32Array(2 * DIGEST_WORDS);

/** BLAKE3 of left ‖ right: a Merkle node. */
export function hashPair(left: ArrayLike<number>, right: ArrayLike<number>): Uint32Array {
  pair.set(left);
  pair.set(right, DIGEST_WORDS);
  return hashWords(pair);
}

/** The extended output of keyed BLAKE3 of at most a chunk: the function returned gives its next block of 16 words. */
export function keyedStream(key: Uint32Array, message: Uint32Array): () => Uint32Array {
  const last = compressChunk(key.slice(), message.slice(), FLAGS.keyedHash);
  let counter = 0;
  return () => {
    const out = new Uint32Array(BLOCK_WORDS);
    last(out, counter++);
    return out;
  };
}

/** Compresses all blocks of a chunk but the last, whose outputs are the hash's: block number `counter` of them. */
function compressChunk(
  key: ArrayLike<number>,
  words: ArrayLike<number>,
  flags: number,
): (out: Uint32Array, counter: number) => void {
  if (words.length > CHUNK_WORDS)
    throw new RangeError(`hash: expected at most ${CHUNK_WORDS} words, found ${words.length}`);
  let chain = key;
  let start = FLAGS.chunkStart as number;
  let from = 0;
  for (; from + BLOCK_WORDS < words.length; from += BLOCK_WORDS) {
    const next = new Uint32Array(BLOCK_WORDS);
    compress(next, chain, words, from, BLOCK_WORDS, 4 * BLOCK_WORDS, 0, flags | start);
    chain = next;
    start = 0;
  }
  const end = flags | start | FLAGS.chunkEnd | FLAGS.root;
  const left = words.length - from;
  return (out, counter) => compress(out, chain, words, from, left, 4 * left, counter, end);
}

/** A text as words: its length in bytes, then its UTF-8 bytes, zero-padded. */
export function labelWords(label: string): Uint32Array {
  const bytes = new TextEncoder().encode(label);
  const words = new Uint32Array(1 + Math.ceil(bytes.length / 4));
  words[0] = bytes.length;
  bytesOf(words).set(bytes, 4);
  return words;
}
