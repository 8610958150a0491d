import { DEGREE } from "../../field/ext.ts";
import { parameterCells } from "../blake3/parameterCells.ts";
import { type Circuit, COMPRESSION, OP } from "./circuit.ts";
import { OPERANDS } from "./circuitAir.ts";
import { type HashRows, hashRows } from "./hashRows.ts";
import { type CircuitSizes, checkFit } from "./sizes.ts";

/** The words of a fixed or committed tensor by its name; canonical or signed. */
export type Tensors = Map<string, Int32Array>;

/** The circuit as fixed tensors. */
export function circuitFixed(circuit: Circuit, sizes: CircuitSizes): Tensors {
  checkFit(circuit, sizes);
  const tensors: Tensors = new Map();
  const add = (name: string, log: number, count: number, value: (row: number) => number) => {
    const words = new Int32Array(2 ** log);
    for (let row = 0; row < count; row++) words[row] = value(row);
    tensors.set(name, words);
  };
  const { ops, lifts, bits } = circuit;
  const op = (name: string, column: number) =>
    add(name, sizes.logOps, ops.count, (row) => ops.get(row, column));
  for (const operand of OPERANDS) op(`op.${operand}.cell`, OP[operand]);
  for (const factor of ["product", "left", "right", "third"] as const) op(`op.${factor}`, OP[factor]);
  for (let k = 0; k < DEGREE; k++) op(`op.constant.${k}`, OP.constant + k);

  ["lift.word.cell", "lift.element.cell", "lift.canonical"].forEach((name, column) => {
    add(name, sizes.logLifts, lifts.count, (row) => lifts.get(row, column));
  });
  add("bits.word.cell", sizes.logBits, bits.count, (row) => bits.get(row, 0));
  add("bits.first", sizes.logBits, bits.count, (row) => bits.get(row, 1));
  add("bits.used", sizes.logBits, bits.count, () => 1);
  for (const rows of hashRows(circuit, sizes)) addHashFixed(tensors, rows, circuit.unusedHash);
  return tensors;
}

function addHashFixed(
  tensors: Tensors,
  { name, log, extended, list, from, count }: HashRows,
  unused: number,
): void {
  const parameters = Array.from({ length: count }, (_, k) => ({
    counter: list.get(from + k, COMPRESSION.counter),
    blockLength: list.get(from + k, COMPRESSION.length),
    flags: list.get(from + k, COMPRESSION.flags),
  }));
  tensors.set(`${name}.parameters`, parameterCells(parameters, log));

  const cells = new Int32Array(32 * 2 ** log);
  const column = (at: number, otherwise: number) =>
    Int32Array.from({ length: 2 ** log }, (_, k) => (k < count ? list.get(from + k, at) : otherwise));
  const out = column(COMPRESSION.out, unused);
  for (let n = 0; n < 2 ** log; n++) {
    for (let slot = 0; slot < 24 && n < count; slot++)
      cells[32 * n + slot] = list.get(from + n, COMPRESSION.chaining + slot);
    for (let word = 0; word < 8; word++) cells[32 * n + 24 + word] = out[n] + word;
  }
  tensors.set(`${name}.slot.cell`, cells);
  if (extended) {
    tensors.set(
      `${name}.extended.first`,
      out.map((cell) => cell + 8),
    );
    return;
  }
  tensors.set(`${name}.bit.cell`, column(COMPRESSION.bit, 0));
  tensors.set(`${name}.place.cell`, column(COMPRESSION.place, 0));
  tensors.set(`${name}.distance`, column(COMPRESSION.distance, 0));
}
