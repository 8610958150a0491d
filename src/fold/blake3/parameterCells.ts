import type { Compression } from "./compress.ts";

/** Two bytes of the counter are shown to the circuit: far more blocks of one chunk's output, or chunks, than it has. */
const COUNTERS = 2 ** 16;

/**
 * `<prefix>.parameters`: (n, parameter) bytes, for 2^log compressions. They follow from the circuit alone,
 * and must be bytes: the argument of `addBlake3` rests on it.
 */
export function parameterCells(
  compressions: readonly Pick<Compression, "counter" | "blockLength" | "flags">[],
  log: number,
): Int32Array {
  const cells = new Int32Array(4 * 2 ** log);
  compressions.forEach(({ counter, blockLength, flags }, n) => {
    const valid =
      counter >= 0 &&
      counter < COUNTERS &&
      blockLength >= 0 &&
      blockLength <= 64 &&
      flags >= 0 &&
      flags < 256;
    if (!valid)
      throw new RangeError(
        `blake3: expected counter < 2^16, length ≤ 64, flags < 2^8, got ${counter}, ${blockLength}, ${flags}`,
      );
    cells.set([counter & 255, counter >> 8, blockLength, flags], 4 * n);
  });
  return cells;
}
