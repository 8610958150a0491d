import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Tensor } from "../../src/air/air.ts";
import { fromInteger, P } from "../../src/field/m31.ts";
import { CIRCUIT_ORACLES, circuitAir } from "../../src/fold/circuit/circuitAir.ts";
import { circuitFixed } from "../../src/fold/circuit/circuitFixed.ts";
import { circuitWitness } from "../../src/fold/circuit/circuitWitness.ts";
import { fuseOperations } from "../../src/fold/circuit/fuseOperations.ts";
import { hashRows } from "../../src/fold/circuit/hashRows.ts";
import { traceMultiplicities } from "../../src/fold/circuit/multiplicities.ts";
import type { CircuitSizes } from "../../src/fold/circuit/sizes.ts";
import { fitSizes } from "../../src/fold/fitSizes.ts";
import { availableThreads, createKernels } from "../../src/kernels/createKernels.ts";
import { countMultiplicities } from "../../src/lookup/multiplicities.ts";
import { randomNumbers, tinyModel } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { check, placeTables } from "./blake3/blocks.ts";
import { smallCircuit, smallProof } from "./smallCircuit.ts";

/*
 * Generated from the circuit's air: every committed tensor of every table is changed in one cell, the prover is
 * otherwise honest (it counts lookups anew), and the proof must be rejected. What is checked is everything but the
 * opening: the claims that a proof ends in are compared with the committed tables themselves.
 */

const { builder, inputs } = smallCircuit(smallProof(), null, 3);
const circuit = fuseOperations(builder.circuit);
/** Room for unused rows in every table. */
const sizes: CircuitSizes = {
  logOps: 9,
  logLifts: 7,
  logBits: 3,
  hashes: [
    { log: 4, extended: false },
    { log: 4, extended: false },
    { log: 1, extended: true },
    { log: 1, extended: true },
  ],
  logCells: 11,
  logInputs: 2,
};
const air = circuitAir(sizes);
const publics = { public: inputs };
const honest = new Map<string, Int32Array>();
const prover = createKernels({ threads: availableThreads() });
const { arena } = prover;
const isMultiplicity = ({ name }: Tensor) => name.endsWith(".multiplicity");
const committed = [...air.tensors.values()].filter(({ source }) => source.kind === "committed");
const of = (oracle: string) =>
  committed.filter(({ source }) => source.kind === "committed" && source.oracle === oracle);

beforeAll(() => {
  const fixed = circuitFixed(circuit, sizes);
  const witness = circuitWitness(circuit, builder.memory, sizes, (_, length) => new Int32Array(length));
  for (const tensors of [fixed, witness.committed, traceMultiplicities(witness, fixed, sizes)])
    for (const [name, words] of tensors) honest.set(name, words);
});
afterAll(() => prover.close());

/** Rows in use of the table that a tensor belongs to, by its first axis. */
const used: Readonly<Record<string, number>> = {
  op: circuit.ops.count,
  lift: circuit.lifts.count,
  bits: circuit.bits.count,
  ...Object.fromEntries(hashRows(circuit, sizes).map(({ name, count }) => [`${name}.n`, count])),
};

/** Cells of every kind that the tensor has: the first, the middle and the last in use, unused ones, one that is not 0. */
function places({ name, axes, logs, logSize }: Tensor): number[] {
  const size = 2 ** logSize;
  const other = Math.max(
    0,
    (honest.get(name) as Int32Array).findIndex((value) => value !== 0),
  );
  if (name.endsWith(".multiplicity")) return [0, size >> 1, size - 1, other];
  if (name.startsWith("memory.")) {
    // what nothing reads may be anything
    const counts = honest.get("memory.multiplicity") as Int32Array;
    const read = [...counts.keys()].filter((cell) => counts[cell] > 0);
    return [1, read[2 ** sizes.logInputs], read[read.length >> 1], read[read.length - 1]];
  }
  const rows = used[axes[0]];
  if (rows === undefined) throw new Error(`mutation: expected the rows in use of ${name}'s table`);
  const end = rows * 2 ** (logSize - logs[0]);
  const cells = [other, 0, end >> 1, end - 1, ...(end < size ? [end, size - 1] : [])];
  return [...new Set(cells)];
}

function changedIn(name: string, cell: number, value: number): Map<string, Int32Array> {
  const values = new Map(honest);
  const words = (honest.get(name) as Int32Array).slice();
  words[cell] = value;
  return values.set(name, words);
}

/** Lookups counted anew. */
function recount(values: Map<string, Int32Array>): void {
  const mark = arena.mark();
  const tables = placeTables(prover, air, values, { inputs: publics });
  countMultiplicities(arena, air, tables);
  for (const { multiplicity } of air.tables) {
    const { name, logSize, source } = multiplicity;
    if (source.kind !== "committed" || source.oracle !== "trace") continue;
    values.set(name, Int32Array.from(arena.u32(tables.get(multiplicity) as number, 2 ** logSize)));
  }
  arena.release(mark);
}

const random = randomNumbers(5);
/** By one, and to anything. */
const CHANGES: readonly ((value: number) => number)[] = [
  (value) => fromInteger(value + 1),
  (value) => (value + 1 + Math.floor((P - 1) * random())) % P,
];

test("the honest circuit is accepted, with every table in use", () => {
  expect(builder.failures).toEqual([]);
  expect(check(prover, air, honest, { inputs: publics })).toEqual({ ok: true });
  for (const [table, rows] of Object.entries(used)) expect([table, rows > 0]).toEqual([table, true]);
  // unused rows, too
  for (const [table, log] of [
    ["op", sizes.logOps],
    ["lift", sizes.logLifts],
    ["bits", sizes.logBits],
  ] as const)
    expect([table, used[table] < 2 ** log]).toEqual([table, true]);
  // operands that only fused operations have
  expect(honest.get("op.third")?.some((factor) => factor !== 0)).toBe(true);
});

test("its tables are those of a step's circuit, column by column", () => {
  const session = {
    profile: testProfile,
    description: tinyModel(),
    fixed: { root: [1, 2, 3, 4, 5, 6, 7, 8], value: [1, 2, 3, 4, 5] },
    logSegment: 2,
  } as const;
  const step = fitSizes(session, testProfile, 1).protocol.circuit;
  /** Tensors, lookups and relations, blocks of hashes named by their kind. */
  const shapeOf = ({ hashes }: CircuitSizes, parts: typeof air) => {
    const kind = (name: string) =>
      name.replace(/^hash(\d+)/, (_, k) => (hashes[Number(k)].extended ? "extended" : "hash"));
    const names = [parts.tensors.values(), parts.lookups, parts.relations].flatMap((list) =>
      [...list].map(({ name }) => kind(name)),
    );
    return [...new Set(names)].sort();
  };
  expect(shapeOf(sizes, air)).toEqual(shapeOf(step.sizes, step.air as typeof air));
  expect(
    step.layouts.flatMap(({ places }) => places.map(({ tensor }) => tensor.name)).length,
  ).toBeGreaterThan(40);
}, 120_000);

describe("a changed cell of the run is rejected", () => {
  for (const tensor of of(CIRCUIT_ORACLES[0]))
    test(tensor.name, () => {
      for (const [k, cell] of places(tensor).entries()) {
        const change = CHANGES[k % CHANGES.length];
        const values = changedIn(tensor.name, cell, change((honest.get(tensor.name) as Int32Array)[cell]));
        if (!isMultiplicity(tensor)) recount(values);
        const verdict = check(prover, air, values, { inputs: publics });
        expect([tensor.name, cell, verdict.ok]).toEqual([tensor.name, cell, false]);
      }
    }, 120_000);
});

describe("a changed cell of the circuit", () => {
  for (const tensor of of(CIRCUIT_ORACLES[1])) {
    test(`${tensor.name}: is rejected under the honest key, and makes another circuit`, () => {
      let isOther = false;
      for (const cell of places(tensor)) {
        const values = changedIn(
          tensor.name,
          cell,
          fromInteger((honest.get(tensor.name) as Int32Array)[cell] + 1),
        );
        const verdict = check(prover, air, values, { inputs: publics, opened: honest });
        expect([tensor.name, cell, verdict.ok]).toEqual([tensor.name, cell, false]);
        // the honest run is none of the changed circuit, wherever the changed constant counts
        isOther ||= !check(prover, air, values, { inputs: publics }).ok;
      }
      expect(isOther).toBe(true);
    }, 120_000);
  }
});
