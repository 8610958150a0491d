import type { Blake3Witness } from "./witness.ts";
import { ADD_XOR, ADD_XOR_SPLIT, LOG_XOR } from "./xorTables.ts";

/** How often the rows of both tables are looked up by all blocks of an air; a key is its row's index. */
export function xorMultiplicities(blocks: Readonly<Record<string, Blake3Witness>>): Map<string, Int32Array> {
  const count = (key: string) => {
    const counts = new Int32Array(2 ** LOG_XOR);
    for (const [prefix, { derived }] of Object.entries(blocks)) {
      const keys = derived.get(`${prefix}.${key}`);
      if (!keys) throw new Error(`blake3: expected the keys ${prefix}.${key}`);
      for (let i = 0; i < keys.length; i++) counts[keys[i]]++;
    }
    return counts;
  };
  return new Map([
    [`${ADD_XOR}.multiplicity`, count("keyA")],
    [`${ADD_XOR_SPLIT}.multiplicity`, count("keyC")],
  ]);
}
