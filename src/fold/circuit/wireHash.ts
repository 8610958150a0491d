import { BLOCK_WORDS, CHUNK_WORDS, DIGEST_WORDS } from "../../hash/blake3.ts";
import type { CircuitBuilder, PathEnd } from "./circuitBuilder.ts";
import { FLAGS, IV } from "./compression.ts";
import type { WordCell } from "./wire.ts";

/** BLAKE3 over word cells: the circuit's mirror of `hash/blake3.ts`. Messages are at most one chunk long. */

/** BLAKE3 of 1 to 256 words: 8 cells, or the digest that it must be. Mirror: `hashWords`. */
export function hashCells(builder: CircuitBuilder, words: readonly WordCell[], end?: PathEnd): WordCell[] {
  const { chaining, message, parameters } = lastBlock(builder, ivCells(builder), words, 0);
  return builder.compression(chaining, message, { ...parameters, counter: 0 }, { end });
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
  const last = lastBlock(builder, key, message, FLAGS.keyed);
  let counter = 0;
  return () =>
    builder.extendedCompression(last.chaining, last.message, { ...last.parameters, counter: counter++ });
}

/** Hashes all blocks but the last; returns what the last compression is of. */
function lastBlock(
  builder: CircuitBuilder,
  key: readonly WordCell[],
  words: readonly WordCell[],
  mode: number,
) {
  if (words.length > CHUNK_WORDS || words.length === 0)
    throw new RangeError(`hash: expected 1 to ${CHUNK_WORDS} words, got ${words.length}`);
  let chaining = key;
  let flags = mode | FLAGS.chunkStart;
  let at = 0;
  for (; at + BLOCK_WORDS < words.length; at += BLOCK_WORDS) {
    const parameters = { counter: 0, length: 4 * BLOCK_WORDS, flags };
    chaining = builder.compression(chaining, words.slice(at, at + BLOCK_WORDS), parameters);
    flags = mode;
  }
  const length = 4 * (words.length - at);
  const message = [...words.slice(at), ...new Array<WordCell>(BLOCK_WORDS).fill(0)].slice(0, BLOCK_WORDS);
  flags |= FLAGS.chunkEnd | FLAGS.root;
  return { chaining, message, parameters: { length, flags } };
}

function ivCells(builder: CircuitBuilder): WordCell[] {
  return Array.from(IV, (word) => builder.constantWord(word));
}
