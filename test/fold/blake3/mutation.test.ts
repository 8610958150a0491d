import { describe, expect, test } from "bun:test";
import { fromInteger, P } from "../../../src/field/m31.ts";
import { compress } from "../../../src/fold/blake3/compress.ts";
import { CELL_TENSORS, type CellTensor } from "../../../src/fold/blake3/keyMaps.ts";
import { createKernels } from "../../../src/kernels/createKernels.ts";
import { countMultiplicities } from "../../../src/lookup/multiplicities.ts";
import { blocksAir, check, committedValues, placeTables, randomCompressions, witnesses } from "./blocks.ts";
import { CellRules, type Cells } from "./cellRules.ts";

const blocks = { h: 1 };
const inputs = { h: randomCompressions(1, 77) };
const air = blocksAir(blocks);
const honest = committedValues(witnesses(blocks, inputs));
const rules = new CellRules(air);

/** The first compression's cells, a copy. */
function honestCells(): Cells {
  const names = [...CELL_TENSORS, "parameters"] as const;
  return Object.fromEntries(
    names.map((name) => {
      const values = honest.get(`h.${name}`) as Int32Array;
      return [name, values.slice(0, values.length / 2)];
    }),
  ) as Cells;
}

/** Changes that a cheating prover might try on a byte: by one, by a carry, by a bit pattern, out of the range, by p. */
const CHANGES: readonly ((x: number) => number)[] = [
  (x) => x + 1,
  (x) => x - 1,
  (x) => x + 256,
  (x) => x - 256,
  (x) => x ^ 128,
  (x) => (x + (P + 1) / 2) % P,
];

const cellIndex = (step: number, quarter: number, half: number, byte: number) =>
  32 * step + 8 * quarter + 4 * half + byte;

describe("rules of one compression", () => {
  test("hold for the witness, padding included", () => {
    expect(rules.broken(honestCells())).toEqual([]);
  });

  test("determine every cell from chaining value, message and parameters", () => {
    expect(rules.solve(honestCells(), () => false)).toEqual(honestCells());
  });

  for (const name of CELL_TENSORS)
    test(`every cell of ${name}: no other value, whatever of the changes`, () => {
      const cells = honestCells();
      const keys = rules.keys(cells);
      const survivors: string[] = [];
      for (let cell = 0; cell < 512; cell++)
        for (const change of CHANGES) {
          const value = cells[name][cell];
          cells[name][cell] = fromInteger(change(value));
          const changed = rules.keysAfter(keys, name, cell, cells[name][cell] - value);
          if (rules.broken(cells, changed).length === 0) survivors.push(`${name} ${cell}`);
          cells[name][cell] = value;
        }
      expect(survivors).toEqual([]);
    });

  test("every parameter, which is a byte by the verifying key", () => {
    for (let k = 0; k < 4; k++)
      for (let value = 0; value < 256; value++) {
        const cells = honestCells();
        if (value === cells.parameters[k]) continue;
        cells.parameters[k] = value;
        expect(rules.broken(cells).length).toBeGreaterThan(0);
      }
  });

  test("a change that all later cells follow is still seen where it was made", () => {
    for (const name of CELL_TENSORS)
      for (let cell = 1; cell < 480; cell += 13)
        for (const change of CHANGES) {
          if (cell >= 448 && (cell >> 2) & 1 && name.startsWith("sum")) continue; // an input
          const cells = honestCells();
          cells[name][cell] = fromInteger(change(cells[name][cell]));
          const followed = rules.solve(cells, (n, c) => n === name && c === cell);
          if (!followed) continue; // some later key is the key of no row
          const letter = name === "sumA" || name === "xorD" ? "A" : "C";
          expect(rules.broken(followed)).toEqual([`${letter} ${cell}`]);
        }
  });

  test("another input gives another output, and no other", () => {
    const input = { ...inputs.h[0], block: Uint32Array.from(inputs.h[0].block) };
    input.block[11] ^= 0x00800000;
    const cells = honestCells();
    cells.sumC[480 + 4 * 3 + 2] ^= 0x80;
    const solved = rules.solve(cells, () => false) as Cells;
    const out = compress(input);
    for (let q = 0; q < 4; q++)
      for (let byte = 0; byte < 4; byte++) {
        const at = cellIndex(14, q, 0, byte);
        expect(solved.low[at] + 16 * solved.high[at]).toBe((out[q] >>> (8 * byte)) & 255);
        expect(solved.xorD[at]).toBe((out[4 + q] >>> (8 * byte)) & 255);
      }
  });
});

/** Cheats of several cells at once, all of them with everything that follows made to fit. */
const CHEATS: Readonly<Record<string, [CellTensor, number, number][]>> = {
  "a carry too many": [
    ["sumA", cellIndex(3, 1, 0, 0), -256],
    ["xorD", cellIndex(3, 1, 0, 0), 0],
  ],
  "a carry too few": [["sumA", cellIndex(3, 1, 0, 2), 256]],
  "a carry of p": [["sumC", cellIndex(9, 2, 1, 1), (P + 1) / 2]],
  "the same xor in other pieces, rotation by 12": [
    ["low", cellIndex(5, 0, 0, 1), 16],
    ["high", cellIndex(5, 0, 0, 1), -1],
  ],
  "the same xor in other pieces, rotation by 7": [
    ["low", cellIndex(5, 0, 1, 3), 128],
    ["high", cellIndex(5, 0, 1, 3), -1],
  ],
  "a message byte of 256": [["sumA", cellIndex(15, 2, 1, 0), 256]],
  "a message byte of −1": [["sumC", cellIndex(15, 0, 0, 3), -256]],
  "a chaining value's byte of 256": [["sumC", cellIndex(14, 3, 1, 2), 256]],
  "an output byte": [["xorD", cellIndex(14, 0, 0, 0), 1]],
  "an output byte by p": [["high", cellIndex(14, 1, 0, 0), (P + 1) / 2]],
};

describe("cheats", () => {
  for (const [name, changes] of Object.entries(CHEATS))
    test(name, () => {
      const cells = honestCells();
      for (const [tensor, cell, change] of changes)
        cells[tensor][cell] = fromInteger(cells[tensor][cell] + change);
      expect(rules.broken(cells).length).toBeGreaterThan(0);
      const followed = rules.solve(cells, (tensor, cell) =>
        changes.some((change) => change[0] === tensor && change[1] === cell),
      );
      if (followed) expect(rules.broken(followed).length).toBeGreaterThan(0);
    });
});

describe("proofs", () => {
  const prover = createKernels();

  /** The verdict on a proof by a prover who changed the committed cells, and counts lookups anew. */
  function verdictOn(change: (values: Map<string, Int32Array>) => void, recount = true) {
    const mark = prover.arena.mark();
    const values = new Map([...honest].map(([name, cells]) => [name, cells.slice()]));
    change(values);
    if (recount) {
      const tables = placeTables(prover, air, values);
      countMultiplicities(prover.arena, air, tables);
      for (const { multiplicity } of air.tables)
        values.set(
          multiplicity.name,
          Int32Array.from(prover.arena.u32(tables.get(multiplicity) as number, 2 ** multiplicity.logSize)),
        );
    }
    prover.arena.release(mark);
    return check(prover, air, values);
  }

  for (const { name, logSize, source } of air.tensors.values())
    if (source.kind === "committed" && !name.endsWith(".seen")) {
      const isCount = name.endsWith(".multiplicity");
      const cells = isCount
        ? [0, 2 ** logSize - 1]
        : [5, 2 ** logSize / 2 - 1, 2 ** logSize - 40].map(Math.floor);
      test(`a change in ${name} is rejected`, () => {
        for (const cell of cells.filter((cell) => cell >= 0)) {
          const verdict = verdictOn((values) => {
            (values.get(name) as Int32Array)[cell] += 1;
          }, !isCount);
          expect([name, cell, verdict.ok]).toEqual([name, cell, false]);
        }
      }, 60_000);
    }

  for (const [name, changes] of Object.entries(CHEATS))
    test(`${name} is rejected`, () => {
      const verdict = verdictOn((values) => {
        for (const [tensor, cell, change] of changes)
          (values.get(`h.${tensor}`) as Int32Array)[cell] += change;
      });
      expect(verdict.ok).toBe(false);
    }, 60_000);

  test("two compressions whose outputs are exchanged are rejected", () => {
    const verdict = verdictOn((values) => {
      const cells = values.get("h.xorD") as Int32Array;
      const first = cells.slice(448, 480);
      cells.copyWithin(448, 512 + 448, 512 + 480);
      cells.set(first, 512 + 448);
    });
    expect(verdict.ok).toBe(false);
  });
});
