import type { Tensors } from "./circuitFixed.ts";
import { OPERANDS } from "./circuitAir.ts";
import { type CircuitSizes, hashName } from "./sizes.ts";
import type { CircuitWitness } from "./circuitWitness.ts";
import { xorMultiplicities } from "../blake3/xorMultiplicities.ts";

/**
 * How often each cell is read or written. It belongs to the circuit: a swap exchanges what two slots
 * read, so all that is read together stays the same.
 */
export function memoryMultiplicity(fixed: Tensors, sizes: CircuitSizes): Int32Array {
  const counts = new Int32Array(2 ** sizes.logCells);
  const column = (name: string) => fixed.get(name) as Int32Array;
  const count = (name: string, length = 1) => {
    for (const cell of column(name)) for (let k = 0; k < length; k++) counts[cell + k]++;
  };
  for (const operand of OPERANDS) count(`op.${operand}.cell`);
  count("lift.word.cell");
  count("lift.element.cell");
  count("bits.word.cell");
  const used = column("bits.used");
  column("bits.first").forEach((first, row) => {
    for (let k = 0; k < 32; k++) counts[first + k * used[row]]++;
  });
  sizes.hashes.forEach(({ extended }, k) => {
    count(`${hashName(k)}.slot.cell`);
    if (extended) count(`${hashName(k)}.extended.first`, 8);
    else count(`${hashName(k)}.bit.cell`);
  });
  return counts;
}

/** The multiplicities that the trace commits. */
export function traceMultiplicities({ committed, hashes }: CircuitWitness, fixed: Tensors): Tensors {
  const range = new Int32Array(2 ** 15);
  const canonical = fixed.get("lift.canonical") as Int32Array;
  (committed.get("lift.high") as Int32Array).forEach((high, row) => {
    const top = canonical[row] * high;
    if (top < range.length) range[top]++; // a word that is no field element is in no row: the proof will fail
  });
  return new Map([["range15.multiplicity", range], ...xorMultiplicities(hashes)]);
}
