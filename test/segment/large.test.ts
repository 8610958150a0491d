import { describe, expect, test } from "bun:test";
import { SMOLLM2_135M } from "../../bench/syntheticModel.ts";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import { expScaleFor, normBitsFor, scoreShiftFor } from "../../src/model/config.ts";
import { weightShapes } from "../../src/model/integerModel.ts";
import { profileFor } from "../../src/segment/profileFor.ts";
import { segmentProtocol } from "../../src/segment/protocol.ts";
import { securityReport } from "../../src/segment/security.ts";
import { verifySegment } from "../../src/segment/verify.ts";
import { DEFAULT_PROFILE, LARGE_PROFILE } from "../../src/whir/profile.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { honestRun } from "./attacks.ts";

const description = {
  config: SMOLLM2_135M,
  shifts: { q: 10, k: 11, v: 12, o: 12, gate: 10, up: 10, down: 12, prod: 11 },
  normBits: normBitsFor(SMOLLM2_135M.dim)[1],
  expScale: expScaleFor(SMOLLM2_135M.capacity),
  scoreShift: scoreShiftFor(SMOLLM2_135M.headDim),
};

describe("the shape of SmolLM2-135M", () => {
  test("has the large profile, the embedded model the default one", async () => {
    expect(profileFor(description)).toBe(LARGE_PROFILE);
    expect(profileFor((await embeddedModel()).model)).toBe(DEFAULT_PROFILE);
  });

  test.each([3, 4, 5, 6])("reaches 128 bits with 2^%d rows", (logSegment) => {
    expect(securityReport({ profile: LARGE_PROFILE, description, logSegment }).bits).toBe(128);
  });

  test("stores little more than its weights", () => {
    const weights = Object.values(weightShapes(SMOLLM2_135M)).reduce(
      (sum, [layers, rows, cols]) => sum + layers * rows * cols,
      0,
    );
    const [, , , fixed] = segmentProtocol(LARGE_PROFILE, description, 5).layouts;
    expect(fixed?.cells).toBeWithin(weights, 1.06 * weights);
  });

  // Code and tree of the fixed oracle share a memory of 2^32 bytes with its words.
  test("fits memories of 2^32 bytes", () => {
    const { opening } = segmentProtocol(LARGE_PROFILE, description, 5);
    const [, , , fixed] = opening.oracles;
    const { columns, logSize, logFold, logInvRate } = fixed ?? {
      columns: 0,
      logSize: 0,
      logFold: 0,
      logInvRate: 0,
    };
    const rows = 2 ** (logSize - logFold);
    const code = rows * 2 ** logInvRate;
    expect(4 * columns * (rows + code) + 64 * code).toBeLessThan(0.75 * 2 ** 32);
  });
});

test("the large profile proves and verifies", () => {
  const { session, segments } = honestRun(tinyModel({ dim: 24, heads: 6, kvHeads: 3 }), {
    rows: 4,
    profile: LARGE_PROFILE,
  });
  for (const { proof, statement } of segments)
    expect(verifySegment(session, proof, statement.boundaryIn).ok).toBe(true);
}, 60000);
