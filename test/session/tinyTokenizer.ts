import { PieceTokenizer } from "../../src/model/pieceTokenizer.ts";

/** One piece per letter: `vocab` tokens, the first three without text. */
export function tinyTokenizer(vocab = 16): PieceTokenizer {
  const letters = " abcdefghijklmnopqrstuvwxyz";
  const pieces = Array.from({ length: vocab }, (_, id) => (id < 3 ? `<${id}>` : (letters[id - 3] as string)));
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  return new PieceTokenizer(bytes, new Float32Array(vocab), 8);
}
