import { describe, expect, test } from "bun:test";
import { type Circuit, COMPRESSION, OP } from "../../src/fold/circuit/circuit.ts";
import { fuseOperations } from "../../src/fold/circuit/fuseOperations.ts";
import type { CircuitSizes } from "../../src/fold/circuit/sizes.ts";
import { emptyRun, recordStep } from "../../src/fold/recordStep.ts";
import { LOG_STEP_INPUTS } from "../../src/fold/stepInputs.ts";
import { stepProtocol } from "../../src/fold/stepProtocol.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";

const sizes: CircuitSizes = {
  logOps: 17,
  logLifts: 16,
  logBits: 8,
  hashes: [
    { log: 11, extended: false },
    { log: 10, extended: true },
  ],
  logCells: 19,
  logInputs: LOG_STEP_INPUTS,
};

const session = {
  profile: testProfile,
  description: tinyModel(),
  fixed: { root: [1, 2, 3, 4, 5, 6, 7, 8], value: [1, 2, 3, 4, 5] },
  logSegment: 2,
} as const;

describe("the step's circuit", () => {
  const recorded = recordStep(stepProtocol(session, testProfile, { places: 1, sizes }), emptyRun(2));
  const fused = fuseOperations(recorded.circuit);

  test("defines every cell once; free words are hashed or taken apart into bits", () => {
    for (const circuit of [recorded.circuit, fused]) {
      const definitions = definitionsOf(circuit);
      expect(definitions.findIndex((count, cell) => count > 1 && cell > 0)).toBe(-1);
      const words = wordsChecked(circuit);
      const read = readCells(circuit);
      let free = 0;
      for (let cell = 2 ** LOG_STEP_INPUTS; cell < circuit.cells; cell++)
        if (definitions[cell] === 0 && !words.has(cell) && read.has(cell)) free++;
      // The rows' flags and the one of the first step: checked to be bits.
      expect(free).toBe(2 ** session.logSegment + 1);
      // Every word that is lifted is a word.
      for (let row = 0; row < circuit.lifts.count; row++)
        expect(words.has(circuit.lifts.get(row, 0))).toBe(true);
    }
  });

  test("fusing saves operations", () => {
    console.log(`${recorded.circuit.ops.count} operations, fused ${fused.ops.count}`);
    expect(fused.ops.count).toBeLessThan(0.75 * recorded.circuit.ops.count);
  });
});

function definitionsOf({ cells, ops, lifts, bits, compressions, extended }: Circuit): Uint32Array {
  const count = new Uint32Array(cells);
  for (let row = 0; row < ops.count; row++) count[ops.get(row, OP.out)]++;
  for (let row = 0; row < lifts.count; row++) count[lifts.get(row, 1)]++;
  for (let row = 0; row < bits.count; row++) for (let k = 0; k < 32; k++) count[bits.get(row, 1) + k]++;
  for (const [list, words] of [
    [compressions, 8],
    [extended, 16],
  ] as const)
    for (let row = 0; row < list.count; row++)
      for (let k = 0; k < words; k++) count[list.get(row, COMPRESSION.out) + k]++;
  return count;
}

/** Cells whose value is a word's halves by the hash table or by its bits. */
function wordsChecked({ bits, compressions, extended }: Circuit): Set<number> {
  const words = new Set<number>();
  for (let row = 0; row < bits.count; row++) words.add(bits.get(row, 0));
  for (const list of [compressions, extended])
    for (let row = 0; row < list.count; row++) {
      for (let k: number = COMPRESSION.chaining; k < COMPRESSION.bit; k++) words.add(list.get(row, k));
      for (let k = 0; k < (list === extended ? 16 : 8); k++) words.add(list.get(row, COMPRESSION.out) + k);
    }
  return words;
}

function readCells({ ops, lifts }: Circuit): Set<number> {
  const cells = new Set<number>();
  for (let row = 0; row < ops.count; row++) for (const k of [OP.a, OP.b, OP.c]) cells.add(ops.get(row, k));
  for (let row = 0; row < lifts.count; row++) cells.add(lifts.get(row, 0));
  return cells;
}
