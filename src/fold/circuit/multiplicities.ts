import { P } from "../../field/m31.ts";
import type { Tensors } from "./circuitFixed.ts";
import { OPERANDS } from "./circuitAir.ts";
import { type CircuitSizes, hashName } from "./sizes.ts";
import type { CircuitWitness } from "./circuitWitness.ts";
import { xorMultiplicities } from "../blake3/xorMultiplicities.ts";

/** How often each cell is read or written. A swap only exchanges what two slots read; a place moves an output. */
function memoryMultiplicity({ committed }: CircuitWitness, fixed: Tensors, sizes: CircuitSizes): Int32Array {
  const counts = new Int32Array(2 ** sizes.logCells);
  const column = (name: string) => fixed.get(name) as Int32Array;
  const countOutput = (cells: Int32Array, places: Int32Array) => {
    places.forEach((place, row) => {
      for (let slot = 32 * row + 24; place !== 0 && slot < 32 * row + 32; slot++) {
        counts[cells[slot]]--;
        counts[(cells[slot] + place) % P]++;
      }
    });
  };
  const count = (name: string, length = 1) => {
    for (const cell of column(name)) for (let k = 0; k < length; k++) counts[cell + k]++;
  };
  for (let cell = 0; cell < 2 ** sizes.logInputs; cell++) counts[cell]++;
  for (const operand of OPERANDS) count(`op.${operand}.cell`);
  count("lift.word.cell");
  count("lift.element.cell");
  count("bits.word.cell");
  const used = column("bits.used");
  column("bits.first").forEach((first, row) => {
    for (let k = 0; k < 32; k++) counts[first + k * used[row]]++;
  });
  sizes.hashes.forEach(({ extended }, k) => {
    const name = hashName(k);
    count(`${name}.slot.cell`);
    if (extended) count(`${name}.extended.first`, 8);
    else {
      count(`${name}.bit.cell`);
      count(`${name}.place.cell`);
      countOutput(column(`${name}.slot.cell`), committed.get(`${name}.place`) as Int32Array);
    }
  });
  return counts;
}

/** The multiplicities of all tables. */
export function traceMultiplicities(witness: CircuitWitness, fixed: Tensors, sizes: CircuitSizes): Tensors {
  const { committed, hashes } = witness;
  const range = new Int32Array(2 ** 15);
  const canonical = fixed.get("lift.canonical") as Int32Array;
  (committed.get("lift.high") as Int32Array).forEach((high, row) => {
    const top = canonical[row] * high;
    if (top < range.length) range[top]++; // a word that is no field element is in no row: the proof will fail
  });
  return new Map([
    ["memory.multiplicity", memoryMultiplicity(witness, fixed, sizes)],
    ["range15.multiplicity", range],
    ...xorMultiplicities(hashes),
  ]);
}
