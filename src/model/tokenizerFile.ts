import { PieceTokenizer } from "./pieceTokenizer.ts";

const fail = (expected: string, found: string): never => {
  throw new Error(`tokenizer file: expected ${expected}, found ${found}`);
};

/** llama2.c's tokenizer.bin: the longest piece's length, then (score f32, length i32, bytes) per token. */
export function parseTokenizer(bytes: Uint8Array, vocab: number): PieceTokenizer {
  if (bytes.length < 4) fail("at least 4 bytes", `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const maxPieceBytes = view.getInt32(0, true);
  if (maxPieceBytes < 1 || maxPieceBytes > 65536)
    fail("the longest piece to have 1 to 65536 bytes", `${maxPieceBytes}`);
  const pieces: Uint8Array[] = [];
  const scores = new Float32Array(vocab);
  let at = 4;
  for (let id = 0; id < vocab; id++) {
    if (at === bytes.length) fail(`${vocab} pieces, one for each token of the model`, `${id}`);
    if (at + 8 > bytes.length)
      fail(`score and length of piece ${id} at byte ${at}`, `the end of the file at ${bytes.length}`);
    const score = view.getFloat32(at, true);
    const length = view.getInt32(at + 4, true);
    at += 8;
    if (!Number.isFinite(score)) fail(`a finite score of piece ${id}`, `${score}`);
    if (length < 0 || length > maxPieceBytes)
      fail(`the length of piece ${id} in [0, ${maxPieceBytes}]`, `${length}`);
    if (at + length > bytes.length)
      fail(`${length} bytes of piece ${id} at byte ${at}`, `the end of the file at ${bytes.length}`);
    scores[id] = score;
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  if (at !== bytes.length)
    fail(
      `the file to end after ${vocab} pieces, one for each token of the model`,
      `${bytes.length - at} more bytes`,
    );
  return new PieceTokenizer(pieces, scores, maxPieceBytes);
}

/** The inverse of `parseTokenizer`. */
export function serializeTokenizer(tokenizer: PieceTokenizer): Uint8Array {
  const size = tokenizer.pieces.reduce((sum, piece) => sum + 8 + piece.length, 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, tokenizer.maxPieceBytes, true);
  let at = 4;
  tokenizer.pieces.forEach((piece, id) => {
    view.setFloat32(at, tokenizer.scores[id]!, true);
    view.setInt32(at + 4, piece.length, true);
    bytes.set(piece, at + 8);
    at += 8 + piece.length;
  });
  return bytes;
}
