/** Exactly `bytes` bytes in hexadecimal, either case. */
export function isHex(text: string, bytes: number): boolean {
  return text.length === 2 * bytes && /^[0-9a-fA-F]*$/.test(text);
}

/** 32-bit words as hexadecimal of their little-endian bytes. */
export function hexOfWords(words: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < words.length; i++) {
    for (let shift = 0; shift < 32; shift += 8) {
      text += (((words[i] as number) >>> shift) & 0xff).toString(16).padStart(2, "0");
    }
  }
  return text;
}

/** The inverse of `hexOfWords`. */
export function wordsOfHex(text: string): number[] {
  const byte = (at: number) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return Array.from({ length: text.length / 8 }, (_, i) => {
    const at = 4 * i;
    return (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24)) >>> 0;
  });
}
