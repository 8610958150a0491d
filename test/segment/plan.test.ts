import { describe, expect, test } from "bun:test";
import { type ModelConfig, expScaleFor, scoreShiftFor } from "../../src/model/config.ts";
import { SMOLLM2_135M } from "../../bench/syntheticModel.ts";
import { planSegment } from "../../src/segment/plan.ts";
import { profileFor } from "../../src/segment/profileFor.ts";

type Shape = Omit<ModelConfig, "sequence">;

const embedded: Shape = {
  dim: 128,
  hidden: 256,
  layers: 4,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocab: 512,
  capacity: 256,
};
const stories: Shape = {
  dim: 64,
  hidden: 172,
  layers: 5,
  heads: 8,
  kvHeads: 4,
  headDim: 8,
  vocab: 512,
  capacity: 256,
};

/** Shape, T, and the segment's milliseconds in bench/RESULTS.md. */
const MEASURED: readonly (readonly [Shape, number, number])[] = [
  [embedded, 8, 264],
  [embedded, 16, 310],
  [embedded, 32, 320],
  [embedded, 64, 502],
  [embedded, 128, 841],
  [{ ...stories, capacity: 64 }, 16, 255],
  [{ ...stories, capacity: 128 }, 16, 288],
  [stories, 16, 391],
  [{ ...stories, capacity: 512 }, 16, 550],
  [SMOLLM2_135M, 32, 13300],
];

function planOf(config: Shape, rows: number) {
  const description = {
    config: { ...config, sequence: config.capacity },
    shifts: { q: 10, k: 10, v: 10, o: 12, gate: 10, up: 10, down: 12, prod: 11 },
    normBits: 16,
    expScale: expScaleFor(config.capacity),
    scoreShift: scoreShiftFor(config.headDim),
  };
  return planSegment(profileFor(description), description, Math.log2(rows));
}

describe("plan", () => {
  test("gives the measured times within 25 %", () => {
    for (const [config, rows, ms] of MEASURED)
      expect((1000 * planOf(config, rows).seconds) / ms).toBeWithin(0.75, 1.25);
  });

  test("costs grow with T and with the capacity, and never faster", () => {
    for (const [rows, next] of [
      [8, 16],
      [32, 64],
      [64, 128],
    ] as const) {
      const ratio = planOf(embedded, next).seconds / planOf(embedded, rows).seconds;
      expect(ratio).toBeWithin(1, next / rows);
    }
    const wide = planOf({ ...stories, capacity: 512 }, 16).seconds / planOf(stories, 16).seconds;
    expect(wide).toBeWithin(1, 2);
  });
});
