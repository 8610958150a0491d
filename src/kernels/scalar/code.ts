import { add, fromInteger, mul, sub } from "../../field/m31.ts";
import type { Kernels } from "../kernels.ts";
import { load, wordsAt } from "./words.ts";

export function scalarCode(memory: WebAssembly.Memory): Pick<Kernels, "canonical" | "encode" | "gather"> {
  return {
    canonical(ptr, n) {
      const words = wordsAt(memory, ptr);
      for (let i = 0; i < n; i++) words[i] = fromInteger(load(words, i) | 0);
    },
    gather(dst, src, columns, pitch, rows) {
      const from = wordsAt(memory, src);
      const to = wordsAt(memory, dst);
      for (let c = 0; c < columns; c++)
        for (let k = 0; k < rows; k++) to[c * rows + k] = load(from, k * pitch + c);
    },
    encode(dst, src, columns, logSize, logRate, twiddles) {
      const table = wordsAt(memory, twiddles);
      const log = logSize + logRate;
      for (let c = 0; c < columns; c++) {
        const from = wordsAt(memory, src + 4 * c * 2 ** logSize);
        const to = wordsAt(memory, dst + 4 * c * 2 ** log);
        for (let i = 0; i < 2 ** log; i++) to[i] = load(from, i % 2 ** logSize);
        for (let j = logSize - 1; j >= 0; j--) {
          // Variable j multiplies by π^j(x): a point of D_(log−j), index i >> j.
          const level = 2 ** (log - j - 1);
          for (let i = 0; i < 2 ** log; i++) {
            if ((i >>> j) & 1) continue;
            const a = load(to, i);
            const tb = mul(load(table, level + (i >>> (j + 1))), load(to, i + 2 ** j));
            to[i] = add(a, tb);
            to[i + 2 ** j] = sub(a, tb);
          }
        }
      }
    },
  };
}
