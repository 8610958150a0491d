import { BLOCK_WORDS, CHUNK_WORDS, DIGEST_WORDS } from "../../hash/blake3.ts";
import type { CircuitBuilder, PathEnd, PathPlaces } from "./circuitBuilder.ts";
import { FLAGS, IV } from "./compression.ts";
import type { WordCell } from "./wire.ts";

/** BLAKE3 over word cells: the circuit's mirror of `hash/blake3.ts`. */

/** BLAKE3 of one word or more: 8 cells, or the digest that it must be. Mirror: `hashWords`. */
export function hashCells(builder: CircuitBuilder, words: readonly WordCell[], end?: PathEnd): WordCell[] {
  return hashTree(builder, words, FLAGS.root, 0, { end });
}

/**
 * The chaining value of a chunk, or of the tree over several (the BLAKE3 paper, §2.1): its left side has the most
 * chunks that are a power of two and leave some for the right one.
 */
function hashTree(
  builder: CircuitBuilder,
  words: readonly WordCell[],
  root: number,
  chunk: number,
  places: PathPlaces = {},
): WordCell[] {
  const iv = ivCells(builder);
  if (words.length <= CHUNK_WORDS) {
    const { chaining, message, parameters } = lastBlock(builder, iv, words, 0, chunk);
    const flags = parameters.flags | root;
    return builder.compression(chaining, message, { ...parameters, flags, counter: chunk }, places);
  }
  const left = 2 ** Math.floor(Math.log2(Math.ceil(words.length / CHUNK_WORDS) - 1));
  const sides = [
    ...hashTree(builder, words.slice(0, CHUNK_WORDS * left), 0, chunk),
    ...hashTree(builder, words.slice(CHUNK_WORDS * left), 0, chunk + left),
  ];
  const parameters = { counter: 0, length: 4 * BLOCK_WORDS, flags: FLAGS.parent | root };
  return builder.compression(iv, sides, parameters, places);
}

/** BLAKE3 of left ‖ right, or of right ‖ left if the bit `swap` is 1. Mirror: `hashPair`. */
export function hashSides(
  builder: CircuitBuilder,
  left: readonly WordCell[],
  right: readonly WordCell[],
  swap?: number,
  end?: PathEnd,
): WordCell[] {
  const flags = FLAGS.chunkStart | FLAGS.chunkEnd | FLAGS.root;
  const parameters = { counter: 0, length: 4 * BLOCK_WORDS, flags };
  return builder.compression(ivCells(builder), [...left, ...right], parameters, { swap, end });
}

/** The root above a layer of 2^c digests. Mirror: `layerRoot`. */
export function layerRootCells(builder: CircuitBuilder, layer: readonly WordCell[]): WordCell[] {
  let nodes = layer.slice();
  while (nodes.length > DIGEST_WORDS) {
    const parents: WordCell[] = [];
    for (let at = 0; at < nodes.length; at += 2 * DIGEST_WORDS) {
      const right = at + DIGEST_WORDS;
      parents.push(...hashSides(builder, nodes.slice(at, right), nodes.slice(right, right + DIGEST_WORDS)));
    }
    nodes = parents;
  }
  return nodes;
}

/** The blocks of keyed BLAKE3's extended output, one after the other. Mirror: `keyedStream`. */
export function keyedCells(
  builder: CircuitBuilder,
  key: readonly WordCell[],
  message: readonly WordCell[],
): () => WordCell[] {
  const { chaining, message: block, parameters } = lastBlock(builder, key, message, FLAGS.keyed, 0);
  const flags = parameters.flags | FLAGS.root;
  let counter = 0;
  return () => builder.extendedCompression(chaining, block, { ...parameters, flags, counter: counter++ });
}

/** Hashes all blocks of a chunk but the last; returns what the last compression is of. */
function lastBlock(
  builder: CircuitBuilder,
  key: readonly WordCell[],
  words: readonly WordCell[],
  mode: number,
  chunk: number,
) {
  if (words.length > CHUNK_WORDS || words.length === 0)
    throw new RangeError(`hash: expected 1 to ${CHUNK_WORDS} words, got ${words.length}`);
  let chaining = key;
  let flags = mode | FLAGS.chunkStart;
  let at = 0;
  for (; at + BLOCK_WORDS < words.length; at += BLOCK_WORDS) {
    const parameters = { counter: chunk, length: 4 * BLOCK_WORDS, flags };
    chaining = builder.compression(chaining, words.slice(at, at + BLOCK_WORDS), parameters);
    flags = mode;
  }
  const length = 4 * (words.length - at);
  const message = [...words.slice(at), ...new Array<WordCell>(BLOCK_WORDS).fill(0)].slice(0, BLOCK_WORDS);
  flags |= FLAGS.chunkEnd;
  return { chaining, message, parameters: { length, flags } };
}

function ivCells(builder: CircuitBuilder): WordCell[] {
  return Array.from(IV, (word) => builder.constantWord(word));
}
