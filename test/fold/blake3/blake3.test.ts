import { describe, expect, test } from "bun:test";
import { blake3 } from "@noble/hashes/blake3.js";
import { eBase, type Ext } from "../../../src/field/ext.ts";
import { fromInteger } from "../../../src/field/m31.ts";
import { type Compression, compress } from "../../../src/fold/blake3/compress.ts";
import { IV } from "../../../src/hash/schedule.ts";
import { blake3Witness } from "../../../src/fold/blake3/witness.ts";
import { extArithmetic } from "../../../src/hash/extArithmetic.ts";
import { derivePoint } from "../../../src/hash/transcript.ts";
import { createKernels } from "../../../src/kernels/createKernels.ts";
import { countMultiplicities } from "../../../src/lookup/multiplicities.ts";
import { evaluate } from "../../../src/poly/evaluate.ts";
import {
  blocksAir,
  check,
  committedValues,
  placeTables,
  randomCompressions,
  showWords,
  witnesses,
} from "./blocks.ts";

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED = 16;

/** The hash of the BLAKE3 paper over a given compression, as a list of the compressions it takes. */
function hash(message: Uint8Array, key: ArrayLike<number> | null, outputWords: number) {
  const inputs: Compression[] = [];
  const run = (input: Compression) => {
    inputs.push(input);
    return compress(input);
  };
  const base = key ? KEYED : 0;
  const start = key ?? IV;
  /** The node's last compression, not yet run. */
  const chunk = (bytes: Uint8Array, counter: number): Compression => {
    const count = Math.max(1, Math.ceil(bytes.length / 64));
    let cv: ArrayLike<number> = start;
    for (let k = 0; ; k++) {
      const part = bytes.slice(64 * k, 64 * k + 64);
      const padded = new Uint8Array(64);
      padded.set(part);
      const flags = base | (k === 0 ? CHUNK_START : 0) | (k === count - 1 ? CHUNK_END : 0);
      const input = { cv, block: new Uint32Array(padded.buffer), counter, blockLength: part.length, flags };
      if (k === count - 1) return input;
      cv = run(input).slice(0, 8);
    }
  };
  const node = (bytes: Uint8Array, counter: number): Compression => {
    if (bytes.length <= 1024) return chunk(bytes, counter);
    const left = 1024 * 2 ** Math.floor(Math.log2((bytes.length - 1) / 1024));
    const block = new Uint32Array(16);
    block.set(run(node(bytes.slice(0, left), counter)).slice(0, 8));
    block.set(run(node(bytes.slice(left), counter + left / 1024)).slice(0, 8), 8);
    return { cv: start, block, counter: 0, blockLength: 64, flags: base | PARENT };
  };
  const root = node(message, 0);
  const output: number[] = [];
  for (let counter = 0; output.length < outputWords; counter++)
    output.push(...run({ ...root, counter, flags: root.flags | ROOT }));
  return { inputs, output: Uint32Array.from(output.slice(0, outputWords)) };
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, k) => (k * 89 + 7) & 255);
const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer);
const keyBytes = bytesOf(32);

const CASES: readonly [string, number, boolean, number][] = [
  ["nothing", 0, false, 8],
  ["one block", 36, false, 8],
  ["a node", 64, false, 8],
  ["a chunk", 1000, false, 8],
  ["three chunks", 2500, false, 8],
  ["keyed", 200, true, 8],
  ["keyed, extended output", 100, true, 64],
];

describe("compression", () => {
  for (const [name, length, keyed, words] of CASES)
    test(`${name}: as the reference`, () => {
      const { inputs, output } = hash(bytesOf(length), keyed ? wordsOf(keyBytes) : null, words);
      const options = keyed ? { key: keyBytes, dkLen: 4 * words } : { dkLen: 4 * words };
      expect(output).toEqual(wordsOf(blake3(bytesOf(length), options)));
      const log = Math.ceil(Math.log2(inputs.length + 1));
      const { derived } = blake3Witness("h", inputs, log);
      const word = (part: string, at: number) =>
        [0, 1, 2, 3].reduce(
          (sum, j) => sum + 256 ** j * (derived.get(`h.${part}.byte${j}`)?.[at] as number),
          0,
        );
      inputs.forEach((input, n) => {
        const shown = Array.from({ length: 32 }, (_, slot) => word("words", 32 * n + slot));
        const rest = Array.from({ length: 8 }, (_, slot) => word("extended", 8 * n + slot));
        const out = compress(input);
        expect(shown).toEqual([...Array.from(input.cv), ...Array.from(input.block), ...out.slice(0, 8)]);
        expect(rest).toEqual([...out.slice(8)]);
      });
    });
});

describe("public tensors", () => {
  for (const limbBits of [8, 16] as const) {
    const air = blocksAir({ h: 1 }, { limbBits });
    for (const { name, logSize, source } of air.tensors.values())
      if (source.kind === "public" && (limbBits === 8 || name.includes(".half")))
        test(`${name}: the formula is the extension of the values`, () => {
          const point: Ext[] = derivePoint(`test ${name}`, [1], logSize);
          const cells = Array.from(source.definition.values({}), (x) => eBase(fromInteger(x)));
          expect(cells.length).toBe(2 ** logSize);
          expect(source.definition.evaluate(extArithmetic, {}, point)).toEqual(
            evaluate(extArithmetic, cells, point),
          );
        });
  }
});

describe("blocks", () => {
  const blocks = { h: 1, g: 0 };
  const inputs = { h: randomCompressions(2, 5), g: randomCompressions(1, 6) };

  for (const limbBits of [8, 16] as const)
    test(`virtual tensors of ${limbBits}-bit limbs: the witness has what the definitions give`, () => {
      const prover = createKernels();
      const air = blocksAir({ h: 2 }, { limbBits });
      const { committed, derived } = blake3Witness("h", inputs.h, 2, { limbBits });
      const counts = air.tables.map(({ multiplicity }): [string, Int32Array] => [
        multiplicity.name,
        new Int32Array(2 ** 18),
      ]);
      const tables = placeTables(prover, air, new Map([...committed, ...counts]));
      for (const tensor of air.virtuals) {
        const words = prover.arena.u32(tables.get(tensor) as number, 2 ** tensor.logSize);
        expect([...words]).toEqual([...(derived.get(tensor.name) as Int32Array)]);
      }
    });

  test("multiplicities: as counted from the lookups", () => {
    const { arena, kernels } = createKernels();
    const air = blocksAir(blocks);
    const values = committedValues(witnesses(blocks, inputs));
    const tables = placeTables({ arena, kernels }, air, values);
    countMultiplicities(arena, air, tables);
    for (const { multiplicity } of air.tables)
      expect([...arena.u32(tables.get(multiplicity) as number, 2 ** 18)]).toEqual([
        ...(values.get(multiplicity.name) as Int32Array),
      ]);
  });

  test("an honest proof of two blocks that share the tables is accepted", () => {
    const air = blocksAir(blocks);
    for (const prefix of Object.keys(blocks)) showWords(air, prefix);
    expect(check(createKernels(), air, committedValues(witnesses(blocks, inputs)))).toEqual({ ok: true });
  });
});
