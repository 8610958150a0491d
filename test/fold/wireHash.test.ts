import { expect, test } from "bun:test";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { hashCells } from "../../src/fold/circuit/wireHash.ts";
import { hashWords } from "../../src/hash/blake3.ts";

// 268: the tokens' digest of a segment of 256 rows
test.each([1, 16, 17, 255, 256, 257, 268, 512, 513, 769, 1280, 1793])(
  "the hash of %d words in the circuit is BLAKE3's",
  (length) => {
    const words = Uint32Array.from({ length }, (_, k) => Math.imul(k + 1, 0x9e3779b1));
    const builder = new CircuitBuilder();
    const cells = hashCells(
      builder,
      Array.from(words, (word) => builder.freeWord(word)),
    );
    expect(cells.map((cell) => builder.wordAt(cell))).toEqual([...hashWords(words)]);
    const digest = Array.from(hashWords(words), (word) => builder.freeWord(word));
    const number = builder.constant(0);
    hashCells(
      builder,
      Array.from(words, (word) => builder.freeWord(word)),
      { digests: digest[0], number, check: "digest" },
    );
    expect(builder.failures).toEqual([]);
  },
);
