import type { Ext } from "../field/ext.ts";
import type { Boundary, SegmentStatement } from "./statement.ts";

/** "SSPF" and the format's version. */
const MAGIC = 0x46505353;
const VERSION = 1;
export const BOUNDARY_WORDS = 1 + 8 + 1 + 8 + 5;
const HEADER_WORDS = 2 + 2 * BOUNDARY_WORDS + 1;

/** A segment proof: what it states, and the words that the verifier reads. */
export interface SegmentProof {
  readonly statement: SegmentStatement;
  readonly body: Uint32Array;
}

/**
 * The proof as bytes: little-endian words. Magic, version, incoming and outgoing boundary (position,
 * token digest, pending token, context root, context value), number of tokens, tokens, body. The body's
 * length follows from the session, so there is one encoding of each proof.
 */
export function encodeSegmentProof({ statement, body }: SegmentProof): Uint8Array {
  const { boundaryIn, boundaryOut, tokens } = statement;
  const words = new Uint32Array(HEADER_WORDS + tokens.length + body.length);
  words.set([
    MAGIC,
    VERSION,
    ...boundaryWordList(boundaryIn),
    ...boundaryWordList(boundaryOut),
    tokens.length,
    ...tokens,
  ]);
  words.set(body, HEADER_WORDS + tokens.length);
  return new Uint8Array(words.buffer);
}

/** A boundary as it is encoded. */
export function boundaryWordList({ position, tokenDigest, pendingToken, context }: Boundary): number[] {
  return [position, ...tokenDigest, pendingToken, ...context.root, ...context.value];
}

/** The parts of an encoded proof, or what is wrong with the bytes. Allocates no more than they take. */
export function decodeSegmentProof(bytes: Uint8Array, maxTokens: number): SegmentProof | { detail: string } {
  if (bytes.length % 4 !== 0) return { detail: `expected a multiple of 4 bytes, found ${bytes.length}` };
  if (bytes.length < 4 * HEADER_WORDS)
    return { detail: `expected at least ${4 * HEADER_WORDS} bytes, found ${bytes.length}` };
  const words = new Uint32Array(Uint8Array.from(bytes).buffer);
  if (words[0] !== MAGIC) return { detail: `expected the magic word ${MAGIC}, found ${words[0]}` };
  if (words[1] !== VERSION) return { detail: `expected format version ${VERSION}, found ${words[1]}` };
  const count = words[HEADER_WORDS - 1];
  const end = HEADER_WORDS + count;
  if (count > maxTokens || end > words.length)
    return { detail: `expected at most ${maxTokens} tokens, all present, found ${count}` };
  return {
    statement: {
      boundaryIn: readBoundary(words.subarray(2)),
      boundaryOut: readBoundary(words.subarray(2 + BOUNDARY_WORDS)),
      tokens: [...words.subarray(HEADER_WORDS, end)],
    },
    body: words.subarray(end),
  };
}

/** The boundary that these words begin with. */
export function readBoundary(words: Uint32Array): Boundary {
  return {
    position: words[0],
    tokenDigest: [...words.subarray(1, 9)],
    pendingToken: words[9],
    context: { root: [...words.subarray(10, 18)], value: [...words.subarray(18, 23)] as unknown as Ext },
  };
}
