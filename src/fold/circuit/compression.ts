/** What tells one compression of BLAKE3 from another besides its words; fixed by the circuit. */
export interface CompressionParameters {
  /** Block number of the extended output, or the chunk's number in a longer message; below 2^16. */
  readonly counter: number;
  /** Bytes of the block in use, 0 to 64. */
  readonly length: number;
  readonly flags: number;
}

/** The flags in use (the BLAKE3 paper, §2.2). */
export const FLAGS = { chunkStart: 1, chunkEnd: 2, parent: 4, root: 8, keyed: 16 } as const;

/** The chaining value of unkeyed hashes. */
export const IV: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
