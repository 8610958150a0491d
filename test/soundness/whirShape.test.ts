import { expect, test } from "bun:test";
import { DEFAULT_PROFILE, type Profile, profileWords } from "../../src/whir/profile.ts";
import { type OracleSpec, whirShape } from "../../src/whir/whirShape.ts";
import { defaultOracles } from "./defaultShape.ts";
import { testProfile } from "./testProfile.ts";

test("the default shape, frozen: a change here changes every proof", () => {
  const shape = whirShape(DEFAULT_PROFILE, defaultOracles(21));
  expect(
    shape.oracles.map((o) => [o.name, o.logFold, o.columns, o.logInvRate, o.queries, o.foldGrinding]),
  ).toEqual([
    ["trace", 7, 128, 2, 120, 14],
    ["contextIn", 5, 32, 4, 59, 14],
    ["contextOut", 5, 32, 4, 59, 14],
    ["fixed", 7, 128, 4, 60, 14],
  ]);
  expect(shape.oracles.map((o) => o.outOfDomain)).toEqual(["transcript", "root", "root", "root"]);
  expect(shape.residueOffsets).toEqual([0, 24576, 28672, 16384]);
  expect(shape.rounds.map((r) => [r.logSize, r.logFold, r.logInvRate, r.queries, r.foldGrinding])).toEqual([
    [15, 4, 4, 59, 13],
    [11, 4, 7, 34, 12],
  ]);
  expect([shape.batchGrinding, shape.queryGrinding, shape.logFinal]).toEqual([0, 16, 7]);
});

function checkShape(profile: Profile, specs: readonly OracleSpec[]): void {
  const shape = whirShape(profile, specs);
  const stack = shape.rounds[0]?.logSize as number;
  const places = shape.oracles.map((oracle, j) => ({
    at: shape.residueOffsets[j] as number,
    size: 2 ** (oracle.logSize - oracle.logFold),
  }));
  for (const { at, size } of places) {
    expect(at % size).toBe(0);
    expect(at + size).toBeLessThanOrEqual(2 ** stack);
    for (const other of places) if (other.at > at) expect(other.at).toBeGreaterThanOrEqual(at + size);
  }
  expect(new Set(places.map(({ at }) => at)).size).toBe(places.length);
  for (const oracle of shape.oracles) {
    expect(oracle.columns).toBeLessThanOrEqual(Math.min(2 ** oracle.logFold, 256));
    expect(oracle.logFold).toBeGreaterThan(0);
    expect(oracle.queries).toBeGreaterThan(0);
  }
  shape.rounds.forEach((round, i) => {
    expect(round.logSize - round.logFold).toBe(shape.rounds[i + 1]?.logSize ?? shape.logFinal);
    expect(5 * 2 ** round.logFold).toBeLessThanOrEqual(256);
    expect(round.logSize - round.logFold + round.logInvRate).toBeLessThanOrEqual(29);
  });
  expect(shape.logFinal).toBeLessThanOrEqual(profile.logFinal);
}

test("stacking and rounds hold together for many sizes", () => {
  for (const profile of [DEFAULT_PROFILE, testProfile])
    for (const trace of [3, 5, 9, 14, 20, 22, 26])
      for (const context of [3, 6, 12, 17, 21])
        for (const fixed of [3, 8, 15, 21, 24]) {
          checkShape(profile, [
            { name: "trace", kind: "trace", logSize: trace },
            { name: "contextIn", kind: "context", logSize: context },
            { name: "contextOut", kind: "context", logSize: context },
            { name: "fixed", kind: "fixed", logSize: fixed },
          ]);
        }
});

test("one oracle alone, and columns known to be zero", () => {
  const shape = whirShape(DEFAULT_PROFILE, [
    { name: "trace", kind: "trace", logSize: 20, cells: 69.5 * 2 ** 13 }, // 64 and 8 columns
  ]);
  expect(shape.oracles[0]?.columns).toBe(72);
  expect(shape.residueOffsets).toEqual([0]);
  const cells = (count: number) => () =>
    whirShape(DEFAULT_PROFILE, [{ name: "t", kind: "trace", logSize: 20, cells: count }]);
  expect(cells(2 ** 20 + 1)).toThrow("expected 1 to 2^20 cells in use, got 1048577");
  expect(cells(0)).toThrow("expected 1 to 2^20 cells in use, got 0");
});

test("what cannot be reached is refused, and named", () => {
  const specs: OracleSpec[] = [{ name: "trace", kind: "trace", logSize: 21 }];
  const idle = { ...DEFAULT_PROFILE, securityBits: 141, foldGrinding: 0, maxFoldGrinding: 0 };
  expect(() => whirShape(idle, specs)).toThrow("fold of oracle trace");
  expect(() => whirShape({ ...DEFAULT_PROFILE, securityBits: 152 }, specs)).toThrow(
    "out-of-domain sample of oracle trace",
  );
  expect(() => whirShape(DEFAULT_PROFILE, [{ name: "vast", kind: "fixed", logSize: 33 }])).toThrow(
    "oracle vast",
  );
  expect(() => whirShape(DEFAULT_PROFILE, [])).toThrow("at least one oracle");
  expect(() => whirShape(DEFAULT_PROFILE, [{ name: "tiny", kind: "trace", logSize: 2 }])).toThrow(
    "oracle tiny",
  );
  const wide = { ...DEFAULT_PROFILE, maxClaims: 2 ** 40 };
  expect(() => whirShape(wide, specs)).toThrow("batching");
});

test("the test profile is quick", () => {
  const shape = whirShape(testProfile, [
    { name: "trace", kind: "trace", logSize: 14 },
    { name: "fixed", kind: "fixed", logSize: 16 },
  ]);
  expect(Math.max(...shape.oracles.map((o) => o.queries))).toBeLessThan(32);
  expect([shape.batchGrinding, shape.queryGrinding, ...shape.oracles.map((o) => o.foldGrinding)]).toEqual([
    0, 0, 0, 0,
  ]);
  expect(shape.rounds.length).toBeGreaterThan(1);
});

test("the profile's words name every number of the profile", () => {
  const words = profileWords(DEFAULT_PROFILE);
  const numbers = (value: unknown): number =>
    typeof value === "number"
      ? 1
      : value !== null && typeof value === "object"
        ? Object.values(value).reduce((sum: number, part) => sum + numbers(part), 0)
        : 0;
  expect(words.length).toBe(numbers(DEFAULT_PROFILE) + Object.keys(DEFAULT_PROFILE.oracles).length);
  expect(words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 31)).toBe(true);
});
