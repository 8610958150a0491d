import { type Air, AirBuilder, type PublicDefinition, type TermText } from "../../air/air.ts";
import { constantTensor, counter } from "../../air/publics.ts";
import { DEGREE } from "../../field/ext.ts";
import { evaluate } from "../../poly/evaluate.ts";
import { addBlake3, blake3Axes } from "../blake3/addBlake3.ts";
import { LOG_WORDS } from "../blake3/wordMap.ts";
import { type CircuitSizes, hashName } from "./sizes.ts";

/** The circuit's oracles: cells of the run, and the circuit itself. */
export const CIRCUIT_ORACLES = ["trace", "fixed"] as const;

/** The four operands of an operation. */
export const OPERANDS = ["a", "b", "c", "out"] as const;

/**
 * The tables of a circuit as rules. All tables meet in one: the memory. Whatever a row reads or writes, it
 * looks up as (cell number, value) in the memory's table, the cell number being fixed (on Merkle paths: fixed
 * but for a swap bit, and for the place where the path ends). So every cell has one value, and the same one for
 * all.
 *
 * | table | row |
 * | --- | --- |
 * | op | out = product·a·b + left·a + right·b + third·c + constant, over the extension |
 * | lift | (low, high) → the element low + 2^16·high mod p; if canonical, the word is below p |
 * | bits | (low, high) → 32 cells, each 0 or 1 |
 * | hash… | a BLAKE3 compression, see `addBlake3` |
 * | memory | the cells |
 * | public | the public inputs, one base element each: the first cells |
 *
 * Unused rows read cell 0, which is 0, and state nothing; unused compressions hash zeros.
 */
export function circuitAir(sizes: CircuitSizes): Air {
  const { logCells, logInputs, hashes } = sizes;
  const air = new AirBuilder({
    op: sizes.logOps,
    lift: sizes.logLifts,
    bits: sizes.logBits,
    "bits.half": 1,
    "bits.place": 4,
    memory: logCells,
    public: logInputs,
    range: 15,
    ...Object.assign({}, ...hashes.map(({ log }, k) => blake3Axes(hashName(k), log))),
  });
  addMemory(air, sizes);
  addOperations(air);
  addLifts(air);
  addBits(air);
  hashes.forEach(({ extended }, k) => {
    addHash(air, hashName(k), extended);
  });
  return air;
}

const COORDINATES = Array.from({ length: DEGREE }, (_, k) => k);

function addMemory(air: AirBuilder, { logCells, logInputs }: CircuitSizes): void {
  air.public("memory.cell", "memory", counter(logCells));
  for (const k of COORDINATES) air.committed("trace", `memory.${k}`, "memory");
  air.table("trace", "memory", ["memory.cell", ...COORDINATES.map((k) => `memory.${k}`)]);

  air.public("public.cell", "public", counter(logInputs));
  air.public("public.input", "public", PUBLIC_INPUTS);
  addAccess(air, "public", ["public.input"]);
}

/** `inputs.public`, 2^logInputs elements. */
const PUBLIC_INPUTS: PublicDefinition = {
  evaluate: (field, inputs, point) => evaluate(field, inputs.public, point),
  values: (inputs) => inputs.public,
};

/** x^5 = 3 − x, so x^(5+m) = 3·x^m − x^(m+1). */
function addOperations(air: AirBuilder): void {
  for (const operand of OPERANDS) air.committed("fixed", `op.${operand}.cell`, "op");
  for (const factor of ["product", "left", "right", "third"]) air.committed("fixed", `op.${factor}`, "op");
  for (const k of COORDINATES) air.committed("fixed", `op.constant.${k}`, "op");
  for (const operand of ["a", "b", "c"])
    for (const k of COORDINATES) air.committed("trace", `op.${operand}.${k}`, "op");
  for (const k of COORDINATES) {
    const terms: TermText[] = [];
    for (const i of COORDINATES)
      for (const j of COORDINATES) {
        const factors = [`op.a.${i} op`, `op.b.${j} op`] as const;
        if (i + j === k) terms.push([1, ...factors]);
        if (i + j === k + DEGREE) terms.push([3, ...factors]);
        if (i + j === k + DEGREE - 1 && k > 0) terms.push([-1, ...factors]);
      }
    air.virtual(`op.ab.${k}`, "op", terms);
  }
  for (const k of COORDINATES)
    air.virtual(`op.out.${k}`, "op", [
      [1, "op.product op", `op.ab.${k} op`],
      [1, "op.left op", `op.a.${k} op`],
      [1, "op.right op", `op.b.${k} op`],
      [1, "op.third op", `op.c.${k} op`],
      [1, `op.constant.${k} op`],
    ]);
  for (const operand of OPERANDS)
    addAccess(
      air,
      `op.${operand}`,
      COORDINATES.map((k) => `op.${operand}.${k}`),
    );
}

/**
 * A word is (low, high), halves of 16 bits because the hash table or its bits say so. It is p or more iff
 * high ≥ 2^15 or both are as large as they can be below that: then gap = 0 has no inverse.
 */
function addLifts(air: AirBuilder): void {
  for (const cell of ["word", "element"]) air.committed("fixed", `lift.${cell}.cell`, "lift");
  air.committed("fixed", "lift.canonical", "lift");
  for (const name of ["low", "high", "inverse"]) air.committed("trace", `lift.${name}`, "lift");
  air.virtual("lift.value", "lift", [
    [1, "lift.low lift"],
    [2 ** 16, "lift.high lift"],
  ]);
  addAccess(air, "lift.word", ["lift.low", "lift.high"]);
  addAccess(air, "lift.element", ["lift.value"]);

  air.virtual("lift.top", "lift", [[1, "lift.canonical lift", "lift.high lift"]]);
  air.public("range15", "range", counter(15));
  air.table("trace", "range15", ["range15"]);
  air.lookup("lift.top", "range15", ["lift.top"]);
  air.virtual("lift.gap", "lift", [[2 ** 16 + 2 ** 15 - 2], [-1, "lift.low lift"], [-1, "lift.high lift"]]);
  air.relation("lift.below", "lift", [
    [1, "lift.gap lift", "lift.inverse lift"],
    [-1, "lift.canonical lift"],
  ]);
}

function addBits(air: AirBuilder): void {
  const all = "bits bits.half bits.place";
  air.committed("fixed", "bits.word.cell", "bits");
  air.committed("fixed", "bits.first", "bits");
  // 1 in rows in use: the others' bits are cell 0
  air.committed("fixed", "bits.used", "bits");
  air.committed("trace", "bits.bit", all);
  air.relation("bits.boolean", all, [
    [1, `bits.bit ${all}`, `bits.bit ${all}`],
    [-1, `bits.bit ${all}`],
  ]);
  ["low", "high"].forEach((half, h) => {
    const powers = Array.from({ length: 32 }, (_, k) => (k >> 4 === h ? 2 ** (k & 15) : 0));
    air.public(`bits.${half}.powers`, "bits.half bits.place", constantTensor(powers));
    air.virtual(`bits.${half}`, "bits", [[1, `bits.${half}.powers bits.half bits.place`, `bits.bit ${all}`]]);
  });
  addAccess(air, "bits.word", ["bits.low", "bits.high"]);
  air.public("bits.number", "bits.half bits.place", counter(5));
  air.virtual("bits.bit.cell", all, [
    [1, "bits.first bits"],
    [1, "bits.used bits", "bits.number bits.half bits.place"],
  ]);
  addAccess(air, "bits.bit", ["bits.bit"]);
}

/** Slots of `<name>.words`: 8 chaining words, 16 message words, 8 output words. */
function addHash(air: AirBuilder, name: string, extended: boolean): void {
  const n = `${name}.n`;
  addBlake3(air, name, { trace: "trace", fixed: "fixed", limbBits: 16 });
  const halves = (words: string) => [`${name}.${words}.half0`, `${name}.${words}.half1`];
  air.committed("fixed", `${name}.slot.cell`, `${n} blake3.word`);
  if (extended) {
    access(air, `${name}.words`, `${name}.slot.cell`, halves("words"));
    air.committed("fixed", `${name}.extended.first`, n);
    if (!air.tensors.has("blake3.extended.number"))
      air.public("blake3.extended.number", "blake3.extended", counter(3));
    air.virtual(`${name}.extended.cell`, `${n} blake3.extended`, [
      [1, `${name}.extended.first ${n}`],
      [1, "blake3.extended.number blake3.extended"],
    ]);
    access(air, `${name}.extended`, `${name}.extended.cell`, halves("extended"));
    return;
  }
  air.committed("fixed", `${name}.distance`, n);
  for (const read of ["bit", "place"]) {
    air.committed("fixed", `${name}.${read}.cell`, n);
    air.committed("trace", `${name}.${read}`, n);
    addAccess(air, `${name}.${read}`, [`${name}.${read}`]);
  }
  if (!air.tensors.has("blake3.side")) {
    air.public("blake3.side", "blake3.word", constantTensor(SIDES));
    air.public("blake3.output", "blake3.word", constantTensor(OUTPUT));
  }
  air.virtual(`${name}.shift`, n, [[1, `${name}.distance ${n}`, `${name}.bit ${n}`]]);
  air.virtual(`${name}.words.cell`, `${n} blake3.word`, [
    [1, `${name}.slot.cell ${n} blake3.word`],
    [1, `${name}.shift ${n}`, "blake3.side blake3.word"],
    [1, `${name}.place ${n}`, "blake3.output blake3.word"],
  ]);
  access(air, `${name}.words`, `${name}.words.cell`, halves("words"));
}

/** Which way a swap moves the words: the message's first half forwards, the second half back. */
const SIDES = Array.from({ length: 2 ** LOG_WORDS }, (_, slot) =>
  slot >= 8 && slot < 24 ? (slot < 16 ? 1 : -1) : 0,
);

/** The slots of the output, which a place moves. */
const OUTPUT = Array.from({ length: 2 ** LOG_WORDS }, (_, slot) => Number(slot >= 24));

/** The value at cell `<name>.cell` is `coordinates`, the other ones 0. */
function addAccess(air: AirBuilder, name: string, coordinates: readonly string[]): void {
  access(air, name, `${name}.cell`, coordinates);
}

function access(air: AirBuilder, name: string, cell: string, coordinates: readonly string[]): void {
  const axes = air.get(cell).axes.join(" ");
  const zero = `zero ${axes}`;
  if (coordinates.length < DEGREE && !air.tensors.has(zero))
    air.public(zero, axes, zeros(air.get(cell).logSize));
  const entries = COORDINATES.map((k) => coordinates[k] ?? zero);
  air.lookup(name, "memory", [cell, ...entries]);
}

function zeros(log: number): PublicDefinition {
  return { evaluate: (field) => field.constant(0), values: () => new Int32Array(2 ** log) };
}
