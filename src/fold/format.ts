import { boundaryWordList, BOUNDARY_WORDS, readBoundary } from "../segment/format.ts";
import type { Boundary } from "../segment/statement.ts";

/** "SSFP" and the format's version. */
const MAGIC = 0x50465353;
const VERSION = 1;
const HEADER_WORDS = 2 + 8 + BOUNDARY_WORDS;

/** A step's proof with what it states; a run's last one is its final proof. */
export interface FoldProof {
  /** Digest of the boundary where the run starts; 8 words. */
  readonly first: readonly number[];
  /** Where it ends. */
  readonly last: Boundary;
  /** The words in the order in which the verifier reads them. */
  readonly body: Uint32Array;
}

/** Little-endian words: magic, version, first digest, last boundary, body. */
export function encodeFoldProof({ first, last, body }: FoldProof): Uint8Array {
  const words = new Uint32Array(HEADER_WORDS + body.length);
  words.set([MAGIC, VERSION, ...first, ...boundaryWordList(last)]);
  words.set(body, HEADER_WORDS);
  return new Uint8Array(words.buffer);
}

/** The parts of an encoded proof, or what is wrong with the bytes. Allocates no more than they take. */
export function decodeFoldProof(bytes: Uint8Array): FoldProof | { detail: string } {
  if (bytes.length % 4 !== 0) return { detail: `expected a multiple of 4 bytes, found ${bytes.length}` };
  if (bytes.length < 4 * HEADER_WORDS)
    return { detail: `expected at least ${4 * HEADER_WORDS} bytes, found ${bytes.length}` };
  const words = new Uint32Array(bytes.slice().buffer);
  if (words[0] !== MAGIC) return { detail: `expected the magic word ${MAGIC}, found ${words[0]}` };
  if (words[1] !== VERSION) return { detail: `expected format version ${VERSION}, found ${words[1]}` };
  return {
    first: [...words.subarray(2, 10)],
    last: readBoundary(words.subarray(10)),
    body: words.subarray(HEADER_WORDS),
  };
}
