/** A random llama2.c checkpoint file: dim 8, hidden 12, 2 layers, 2 heads, 1 KV head, vocabulary 16, sequence 32. */
import { randomNumbers } from "./tinyModel.ts";

export const TINY_HEADER = [8, 12, 2, 2, 1, 16, 32];

export function tinyCheckpoint(header: readonly number[] = TINY_HEADER, seed = 3): Uint8Array<ArrayBuffer> {
  const [dim, hidden, layers, heads, kvHeads, vocab, sequence] = header as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const kvWidth = (dim / heads) * kvHeads;
  const embedding = Math.abs(vocab) * dim;
  const floats =
    embedding +
    layers * (2 * dim + 2 * dim * dim + 2 * kvWidth * dim + 3 * dim * hidden) +
    dim +
    (sequence * dim) / heads +
    (vocab < 0 ? embedding : 0);
  const bytes = new Uint8Array(28 + 4 * floats);
  const view = new DataView(bytes.buffer);
  header.forEach((value, i) => view.setInt32(4 * i, value, true));
  const random = randomNumbers(seed);
  for (let i = 0; i < floats; i++) view.setFloat32(28 + 4 * i, 2 * random() - 1, true);
  return bytes;
}

/** A tokenizer.bin of 16 pieces: specials, a few letters and merges. */
export function tinyTokenizer(): Uint8Array<ArrayBuffer> {
  const pieces = [
    "<unk>",
    "<s>",
    "</s>",
    " ",
    "a",
    "b",
    "ab",
    " a",
    "abab",
    "é",
    "c",
    "d",
    "cd",
    "e",
    "f",
    "g",
  ];
  const parts = pieces.map((piece, i) => {
    const text = new TextEncoder().encode(piece);
    const part = new Uint8Array(8 + text.length);
    new DataView(part.buffer).setFloat32(0, i, true);
    new DataView(part.buffer).setInt32(4, text.length, true);
    part.set(text, 8);
    return part;
  });
  return Uint8Array.from([5, 0, 0, 0, ...parts.flatMap((part) => [...part])]);
}
