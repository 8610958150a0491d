/** The constants of the BLAKE3 compression (the BLAKE3 paper, §2.2). */

/** Half-rounds: seven rounds, each four G on the columns, then four on the diagonals. */
export const STEPS = 14;

/** The chaining value of an unkeyed hash; its first half is v_8 … v_11 at the start of every compression. */
export const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;

/** What the message words are permuted by between rounds. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const;

/** MESSAGE_OF[step·8 + 2·quarter + half]: the message word that this half of this G adds. */
export const MESSAGE_OF: Uint8Array = messageOf();

function messageOf(): Uint8Array {
  const words: number[] = [];
  let order = Array.from({ length: 16 }, (_, k) => k);
  for (let round = 0; round < STEPS / 2; round++) {
    words.push(...order);
    order = PERMUTATION.map((from) => order[from]);
  }
  return Uint8Array.from(words);
}
