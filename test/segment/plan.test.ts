import { describe, expect, test } from "bun:test";
import { type ModelConfig, expScaleFor, scoreShiftFor } from "../../src/model/config.ts";
import { LLAMA } from "../../src/model/options.ts";
import { EMBEDDED, SMOLLM2_135M } from "../../bench/syntheticModel.ts";
import { planSegment } from "../../src/segment/plan.ts";
import { profileFor } from "../../src/segment/profileFor.ts";

type Shape = Omit<ModelConfig, "sequence">;

const stories: Shape = {
  dim: 64,
  hidden: 172,
  layers: 5,
  heads: 8,
  kvHeads: 4,
  headDim: 8,
  vocab: 512,
  capacity: 256,
  ...LLAMA,
};

/** Shape, T, and the segment's milliseconds in bench/RESULTS.md. */
const MEASURED: readonly (readonly [Shape, number, number])[] = [
  [EMBEDDED, 8, 199],
  [EMBEDDED, 16, 234],
  [EMBEDDED, 32, 316],
  [EMBEDDED, 64, 472],
  [EMBEDDED, 128, 740],
  [{ ...stories, capacity: 64 }, 16, 257],
  [{ ...stories, capacity: 128 }, 16, 279],
  [stories, 16, 373],
  [{ ...stories, capacity: 512 }, 16, 515],
  [{ ...EMBEDDED, capacity: 64 }, 8, 189],
  [{ ...EMBEDDED, capacity: 512 }, 128, 1099],
  [{ ...EMBEDDED, layers: 1 }, 32, 214],
  [{ ...EMBEDDED, layers: 2 }, 32, 232],
  [{ ...EMBEDDED, layers: 8 }, 32, 533],
  [{ ...EMBEDDED, layers: 16 }, 32, 875],
  [{ ...EMBEDDED, dim: 64, hidden: 128, heads: 2, kvHeads: 1 }, 32, 253],
  [{ ...EMBEDDED, dim: 256, hidden: 512, heads: 8, kvHeads: 4 }, 32, 571],
  [{ ...EMBEDDED, dim: 512, hidden: 1024, heads: 16, kvHeads: 8 }, 32, 1030],
  [SMOLLM2_135M, 32, 12600],
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
      const ratio = planOf(EMBEDDED, next).seconds / planOf(EMBEDDED, rows).seconds;
      expect(ratio).toBeWithin(1, next / rows);
    }
    const wide = planOf({ ...stories, capacity: 512 }, 16).seconds / planOf(stories, 16).seconds;
    expect(wide).toBeWithin(1, 2);
  });
});
