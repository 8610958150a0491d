import { blake3 } from "@noble/hashes/blake3.js";
import type { Kernels } from "../kernels.ts";
import { load, wordsAt } from "./words.ts";

export function scalarHash(memory: WebAssembly.Memory): Pick<Kernels, "hashLeaves" | "hashNodes" | "grind"> {
  return {
    hashLeaves(dst, codeword, columns, logRows) {
      const rows = 2 ** logRows;
      const words = wordsAt(memory, codeword);
      const message = new DataView(new ArrayBuffer(4 * columns));
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < columns; c++) message.setUint32(4 * c, load(words, c * rows + i), true);
        const leaf = blake3(new Uint8Array(message.buffer));
        new Uint8Array(memory.buffer, dst + 32 * i, 32).set(leaf);
      }
    },
    hashNodes(dst, src, n) {
      for (let i = 0; i < n; i++) {
        const children = new Uint8Array(memory.buffer, src + 64 * i, 64).slice();
        new Uint8Array(memory.buffer, dst + 32 * i, 32).set(blake3(children));
      }
    },
    grind(state, bits, from, count) {
      const message = new Uint8Array(36);
      message.set(new Uint8Array(memory.buffer, state, 32));
      for (let nonce = from; nonce < from + count; nonce++) {
        new DataView(message.buffer).setUint32(32, nonce, true);
        const first = new DataView(blake3(message).buffer).getUint32(0, true);
        if (first % 2 ** bits === 0) return nonce;
      }
      return -1;
    },
  };
}
