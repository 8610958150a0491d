/**
 * What an algebraic hash would cost in place of BLAKE3: the table of the compressions alone, proven without an
 * opening, by `bun bench/hashSeam.ts [log2 of the compressions]`. Not a hash to use: the round constants are none.
 *
 * Poseidon2 over M31 (eprint 2023/323), width 16, x^5, 4 + 14 + 4 rounds: a permutation compresses two digests of
 * 8 elements. Committed: 16 inputs, the 128 results of the full rounds' S-boxes, the 14 of the partial ones. What an
 * S-box takes is linear in these, so it is virtual, as are x² and x⁴; x⁴·x minus the result is a relation.
 */
import process from "node:process";
import { type Air, AirBuilder, type Tensor } from "../src/air/air.ts";
import { counter } from "../src/air/publics.ts";
import { proveAir } from "../src/air/prove.ts";
import { completeTables } from "../src/air/tables.ts";
import { verifyAir } from "../src/air/verify.ts";
import { add, fromInteger, mul, P } from "../src/field/m31.ts";
import { addBlake3, blake3Axes } from "../src/fold/blake3/addBlake3.ts";
import { blake3Witness } from "../src/fold/blake3/witness.ts";
import { xorMultiplicities } from "../src/fold/blake3/xorMultiplicities.ts";
import { runVerifier } from "../src/hash/nativeChannel.ts";
import { ProverChannel } from "../src/hash/proverChannel.ts";
import { availableThreads, createKernels } from "../src/kernels/createKernels.ts";
import type { Ptr } from "../src/kernels/kernels.ts";
import { fractionShape } from "../src/lookup/fractionShape.ts";
import { evaluate } from "../src/poly/evaluate.ts";

const WIDTH = 16;
const FULL = 8;
const PARTIAL = 14;

/** A linear form of a permutation's cells: inputs (16), full rounds (8, 16), partial rounds (16), 1. */
const FORM = {
  input: 0,
  full: WIDTH,
  partial: WIDTH + FULL * WIDTH,
  one: WIDTH + FULL * WIDTH + 16,
  size: 161,
};
type Form = Uint32Array;

const M4 = [
  [5, 7, 1, 3],
  [4, 6, 1, 1],
  [1, 3, 5, 7],
  [1, 1, 4, 6],
];

function combine(forms: readonly Form[], weights: readonly number[]): Form {
  return Uint32Array.from({ length: FORM.size }, (_, k) =>
    forms.reduce((sum, form, i) => add(sum, mul(weights[i] ?? 0, form[k] ?? 0)), 0),
  );
}

function unit(at: number): Form {
  const form = new Uint32Array(FORM.size);
  form[at] = 1;
  return form;
}

const external = (state: readonly Form[]) =>
  Array.from({ length: WIDTH }, (_, i) =>
    combine(
      state,
      Array.from({ length: WIDTH }, (_, j) => {
        const factor = i >> 2 === j >> 2 ? 2 : 1; // circ(2M4, M4, M4, M4)
        return factor * ((M4[i & 3] ?? [])[j & 3] ?? 0);
      }),
    ),
  );
const internal = (state: readonly Form[]) =>
  Array.from({ length: WIDTH }, (_, i) =>
    combine(
      state,
      Array.from({ length: WIDTH }, (_, j) => (i === j ? fromInteger(i === 0 ? -1 : 1 + 2 ** i) : 1)),
    ),
  );

/** What every S-box takes: (8, 16) of the full rounds, (16) of the partial ones, of which 14 are used. */
function sBoxInputs() {
  const constant = (round: number, lane: number) => fromInteger(0x9e3779b1 * (17 * round + lane + 1));
  const withConstant = (form: Form, round: number, lane: number) => {
    const shifted = form.slice();
    shifted[FORM.one] = add(shifted[FORM.one] ?? 0, constant(round, lane));
    return shifted;
  };
  const full: Form[] = [];
  const partial: Form[] = [];
  let state = external(Array.from({ length: WIDTH }, (_, lane) => unit(FORM.input + lane)));
  for (let round = 0; round < FULL; round++) {
    full.push(...state.map((form, lane) => withConstant(form, round, lane)));
    state = external(state.map((_, lane) => unit(FORM.full + WIDTH * round + lane)));
    for (let k = 0; round === FULL / 2 - 1 && k < PARTIAL; k++) {
      partial.push(withConstant(state[0] as Form, FULL + k, 0));
      state = internal([unit(FORM.partial + k), ...state.slice(1)]);
    }
  }
  while (partial.length < 16) partial.push(new Uint32Array(FORM.size));
  // the first half of the last state, fed forward
  const outputs = state.slice(0, 8).map((form, k) => combine([form, unit(FORM.input + k)], [1, 1]));
  return { full, partial, outputs };
}

/** The rows of the forms restricted to some of the cells, as a public tensor. */
function addMap(
  air: AirBuilder,
  name: string,
  axes: string,
  forms: readonly Form[],
  from: number,
  count: number,
) {
  const values = forms.flatMap((form) => [...form.subarray(from, from + count)]);
  air.public(name, axes, {
    evaluate: (field, _inputs, point) =>
      evaluate(
        field,
        values.map((value) => field.constant(value)),
        point,
      ),
    values: () => values.map((value) => (value > P / 2 ? value - P : value)),
  });
}

function poseidonAir(log: number): AirBuilder {
  const air = new AirBuilder({ n: log, lane: 4, cell: 7, place: 4, word: 3 });
  const { full, partial, outputs } = sBoxInputs();
  air.committed("trace", "input", "n lane");
  air.committed("trace", "full", "n cell");
  air.committed("trace", "partial", "n place");
  for (const [name, axis, forms] of [
    ["full", "cell", full],
    ["partial", "place", partial],
  ] as const) {
    const over = `n ${axis}`;
    addMap(air, `${name}.input`, `${axis} lane`, forms, FORM.input, WIDTH);
    addMap(air, `${name}.full`, `${axis} cell`, forms, FORM.full, FULL * WIDTH);
    addMap(air, `${name}.partial`, `${axis} place`, forms, FORM.partial, 16);
    addMap(air, `${name}.one`, axis, forms, FORM.one, 1);
    air.virtual(`${name}.x`, over, [
      [1, `${name}.input ${axis} lane'`, "input n lane'"],
      [1, `${name}.full ${axis} cell'`, "full n cell'"],
      [1, `${name}.partial ${axis} place'`, "partial n place'"],
      [1, `${name}.one ${axis}`],
    ]);
    air.virtual(`${name}.x2`, over, [[1, `${name}.x ${over}`, `${name}.x ${over}`]]);
    air.virtual(`${name}.x4`, over, [[1, `${name}.x2 ${over}`, `${name}.x2 ${over}`]]);
    air.relation(`${name}.power`, over, [
      [1, `${name}.x4 ${over}`, `${name}.x ${over}`],
      [-1, `${name} ${over}`],
    ]);
  }
  // The digest, and what stands for the memory: every input and output is looked up.
  addMap(air, "output.full", "word cell", outputs, FORM.full, FULL * WIDTH);
  addMap(air, "output.input", "word lane", outputs, FORM.input, WIDTH);
  air.virtual("output", "n word", [
    [1, "output.full word cell", "full n cell"],
    [1, "output.input word lane", "input n lane"],
  ]);
  for (const [name, over, size] of [
    ["input", "n lane", 4],
    ["output", "n word", 3],
  ] as const) {
    air.public(`${name}.number`, over, counter(log + size));
    air.committed("trace", `${name}.memory`, over);
    air.table("trace", `${name}s`, [`${name}.number`, `${name}.memory`]);
    air.lookup(name, `${name}s`, [`${name}.number`, name]);
  }
  return air;
}

/** Random inputs through the rounds. */
function poseidonWitness(log: number): Map<string, Int32Array> {
  const { full, partial, outputs } = sBoxInputs();
  const committed = (size: number) => new Int32Array(size << log);
  const [input, fullCells, partialCells, output] = [
    committed(16),
    committed(128),
    committed(16),
    committed(8),
  ];
  const power = (x: number) => mul(mul(mul(x, x), mul(x, x)), x);
  const row = new Uint32Array(FORM.size);
  row[FORM.one] = 1;
  const evaluateForm = (form: Form) => {
    let sum = 0;
    for (let k = 0; k < FORM.size; k++)
      if (form[k] !== 0) sum = add(sum, mul(form[k] as number, row[k] as number));
    return sum;
  };
  for (let n = 0; n < 2 ** log; n++) {
    for (let k = 0; k < WIDTH; k++) row[k] = fromInteger(Math.imul(n + 1, 0x9e3779b1 + k));
    const full4 = (from: number) => {
      for (let k = WIDTH * from; k < WIDTH * (from + 4); k++)
        row[FORM.full + k] = power(evaluateForm(full[k] as Form));
    };
    full4(0);
    for (let k = 0; k < 16; k++) row[FORM.partial + k] = power(evaluateForm(partial[k] as Form));
    full4(4);
    input.set(row.subarray(0, 16), 16 * n);
    fullCells.set(row.subarray(FORM.full, FORM.partial), 128 * n);
    partialCells.set(row.subarray(FORM.partial, FORM.one), 16 * n);
    output.set(outputs.map(evaluateForm), 8 * n);
  }
  return new Map([
    ["input", input],
    ["full", fullCells],
    ["partial", partialCells],
    ["input.memory", input],
    ["output.memory", output],
    ["inputs.multiplicity", committed(16).fill(1)],
    ["outputs.multiplicity", committed(8).fill(1)],
  ]);
}

/** BLAKE3's own table, as the folding circuit has it; its memory is left out. */
function blakeCase(log: number) {
  const air = new AirBuilder(blake3Axes("hash", log));
  addBlake3(air, "hash", { limbBits: 16 });
  const compressions = Array.from({ length: 2 ** log }, (_, n) => ({
    cv: Uint32Array.from({ length: 8 }, (_, k) => Math.imul(n + 1, 0x9e3779b1 + k)),
    block: Uint32Array.from({ length: 16 }, (_, k) => Math.imul(n + 7, 0x85ebca6b + k)),
    counter: 0,
    blockLength: 64,
    flags: 11,
  }));
  const witness = blake3Witness("hash", compressions, log, { limbBits: 16 });
  const committed = new Map([...witness.committed, ...xorMultiplicities({ hash: witness })]);
  return { air, committed, derived: witness.derived };
}

function measure(
  name: string,
  air: Air,
  committed: Map<string, Int32Array>,
  derived = new Map<string, Int32Array>(),
) {
  const prover = createKernels({ threads: availableThreads() });
  const { arena } = prover;
  const known = new Map<Tensor, Ptr>();
  for (const [tensorName, values] of [...committed, ...derived]) {
    const tensor = air.tensors.get(tensorName) as Tensor;
    const ptr = arena.alloc(values.length);
    arena.u32(ptr, values.length).set(values);
    known.set(tensor, ptr);
  }
  const started = process.cpuUsage();
  const tables = completeTables(prover, air, known, {});
  const shape = fractionShape(air);
  const channel = new ProverChannel();
  proveAir({ channel, ...prover, tables }, air, shape, 0);
  const { user, system } = process.cpuUsage(started);
  const verdict = runVerifier(channel.finish(), (verifier) => verifyAir(verifier, air, shape, 0, {}));
  if (!verdict.ok) throw new Error(`bench: expected a valid proof, found ${verdict.check}`);
  prover.close();
  const cells = [...committed.values()].reduce((sum, { length }) => sum + length, 0);
  const count = 2 ** log;
  // CPU time of all threads: other work on the machine does not count
  const microseconds = (user + system) / count;
  console.log(
    `${name}: ${count} compressions; each ${(cells / count).toFixed(0)} cells, ${(shape.leaves / count).toFixed(0)} lookups and table rows, ${microseconds.toFixed(0)} µs of CPU before the opening`,
  );
}

const log = Number(process.argv[2] ?? 12);
measure("Poseidon2", poseidonAir(log), poseidonWitness(log));
const { air, committed, derived } = blakeCase(log);
measure("BLAKE3", air, committed, derived);
