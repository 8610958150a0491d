import { describe, expect, test } from "bun:test";
import { AirBuilder, type Tensor } from "../../src/air/air.ts";
import { layoutOf } from "../../src/air/layout.ts";
import { blocksAt, packTensor, wholeTensor } from "../../src/air/packing.ts";
import { unpack } from "../../src/air/storedTable.ts";
import { eAdd, eBase, eMul, type Ext, ZERO } from "../../src/field/ext.ts";
import { extArithmetic as f } from "../../src/hash/extArithmetic.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { evaluate } from "../../src/poly/evaluate.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import { randomNumbers } from "../model/tinyModel.ts";

const next = randomNumbers(7);
const random = () => Math.floor(next() * (2 ** 31 - 1));
const randomPoint = (count: number) =>
  Array.from({ length: count }, (): Ext => [random(), random(), random(), random(), random()]);

/** A tensor of 3 × 5 × 36 in 4 × 8 × 64 cells, between two whole ones. */
function example() {
  const air = new AirBuilder({ a: 2, b: 3, c: 6, x: 4 }, { a: 3, b: 5, c: 36 });
  air.committed("fixed", "small", "x");
  air.committed("fixed", "ragged", "a b c");
  const layout = layoutOf(air, "fixed", 16);
  const values = Int32Array.from({ length: 3 * 5 * 36 }, () => Math.floor(next() * 65536) - 32768);
  return { tensor: air.get("ragged"), layout, values };
}

/** The value of a padded tensor's cell, axis by axis. */
function paddedCells({ logs, lengths }: Tensor, values: Int32Array): Ext[] {
  const cells: Ext[] = [];
  for (let a = 0; a < 2 ** logs[0]; a++)
    for (let b = 0; b < 2 ** logs[1]; b++)
      for (let c = 0; c < 2 ** logs[2]; c++) {
        const isReal = a < lengths[0] && b < lengths[1] && c < lengths[2];
        const value = isReal ? values[(a * lengths[1] + b) * lengths[2] + c] : 0;
        cells.push(eBase(value < 0 ? value + 2 ** 31 - 1 : value));
      }
  return cells;
}

describe("packing", () => {
  test("cuts axes into the largest parts that leave little padding", () => {
    const axes = (lengths: number[], logs: number[]) =>
      packTensor({ logs, lengths }).axes.map(({ low, count }) => [count, 2 ** low]);
    // SmolLM2-135M: hidden, layers, dim, KV heads, vocabulary
    expect(axes([1536, 30, 576, 3, 49152], [11, 5, 10, 2, 16])).toEqual([
      [3, 512],
      [1, 32],
      [9, 64],
      [3, 1],
      [3, 16384],
    ]);
    expect(axes([256, 1], [8, 0])).toEqual([
      [1, 256],
      [1, 1],
    ]);
    for (let length = 1; length <= 600; length++) {
      const log = Math.ceil(Math.log2(length));
      const [{ low, count }] = packTensor({ logs: [log], lengths: [length] }).axes;
      expect(count * 2 ** low).toBeWithin(length, 1.1 * length + 1e-9 + 1);
    }
  });

  test("never cuts a tensor into very many blocks", () => {
    const { blocks } = packTensor({ logs: [8, 8, 8, 8], lengths: [171, 171, 171, 171] });
    expect(blocks).toBeWithin(2, 513);
  });

  test("blocks at a point add up to the padded tensor at it", () => {
    const { tensor, layout, values } = example();
    const prover = createKernels();
    const words = placeOracle(prover, layout, new Map([["ragged", values]]));
    const { offset, packing } = layout.places.find((place) => place.tensor === tensor) ?? layout.places[0];
    expect(packing.blocks).toBeGreaterThan(1);
    expect(layout.cells).toBeLessThan(2 ** tensor.logSize);
    const point = randomPoint(tensor.logSize);
    const { blocks, point: inner } = blocksAt(f, packing, offset, point);
    let sum = ZERO;
    for (const { offset: at, weight } of blocks) {
      expect(at % 2 ** inner.length).toBe(0);
      const cells = Array.from(prover.arena.u32(words + 4 * at, 2 ** inner.length), (word) => eBase(word));
      sum = eAdd(sum, eMul(weight, evaluate(f, cells, inner)));
    }
    expect(sum).toEqual(evaluate(f, paddedCells(tensor, values), point));
  });

  test("unpacks to what was placed, and no block is another's", () => {
    const { tensor, layout, values } = example();
    const prover = createKernels();
    const words = placeOracle(prover, layout, new Map([["ragged", values]]));
    const { offset, packing } = layout.places.find((place) => place.tensor === tensor) ?? layout.places[0];
    const table = unpack(prover, tensor, { prover, ptr: words + 4 * offset, packing });
    const found = Array.from(prover.arena.u32(table, 2 ** tensor.logSize), (word) => eBase(word));
    expect(found).toEqual(paddedCells(tensor, values));
    const offsets = layout.places.flatMap((place) => blocksAt(f, place.packing, place.offset, []).blocks);
    expect(new Set(offsets.map((block) => block.offset)).size).toBe(offsets.length);
  });

  test("a whole tensor is one block with weight 1", () => {
    const { tensor } = example();
    const point = randomPoint(tensor.logSize);
    expect(blocksAt(f, wholeTensor(tensor), 512, point)).toEqual({
      blocks: [{ offset: 512, weight: f.constant(1) }],
      point,
    });
  });

  test("refuses values of the wrong number", () => {
    const { layout } = example();
    expect(() => placeOracle(createKernels(), layout, new Map([["ragged", [1, 2, 3]]]))).toThrow(
      "ragged: expected 540 or 2048 values, found 3",
    );
  });
});
