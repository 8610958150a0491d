import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import { securityReport } from "../../src/segment/security.ts";
import { proofSize } from "../../src/soundness/proofSize.ts";
import {
  type ArgumentShape,
  lookupGrinding,
  type Soundness,
  soundness,
} from "../../src/soundness/soundness.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";
import type { WhirShape } from "../../src/whir/shape.ts";
import { type OracleSpec, whirShape } from "../../src/whir/whirShape.ts";
import { defaultArgument, defaultOracles } from "./defaultShape.ts";
import { testProfile } from "./testProfile.ts";

/** The least total of the rounds, without the hash. */
function protocolBits({ rounds }: Soundness): number {
  return Math.min(...rounds.filter(({ phase }) => !phase.startsWith("Merkle")).map(({ total }) => total));
}

function* shapes(): Generator<OracleSpec[]> {
  for (const trace of [10, 16, 19, 21, 22, 24, 26])
    for (const context of [10, 14, 17, 20])
      for (const fixed of [12, 18, 21, 25])
        yield [
          { name: "trace", kind: "trace", logSize: trace },
          { name: "contextIn", kind: "context", logSize: context },
          { name: "contextOut", kind: "context", logSize: context },
          { name: "fixed", kind: "fixed", logSize: fixed },
        ];
}

test("the default profile reaches 128 bits in every round, for shapes of all sizes", () => {
  for (const specs of shapes()) {
    const result = soundness(DEFAULT_PROFILE, whirShape(DEFAULT_PROFILE, specs), defaultArgument);
    expect(protocolBits(result)).toBeGreaterThanOrEqual(128);
    expect(result.bits).toBe(128);
  }
});

test("the counts are tight: one query or one bit of fold grinding less, anywhere, is too little", () => {
  for (const specs of [defaultOracles(21), defaultOracles(22), defaultOracles(25)]) {
    const shape = whirShape(DEFAULT_PROFILE, specs);
    const weakened: WhirShape[] = [];
    const replace = <T>(list: readonly T[], at: number, change: Partial<T>): T[] =>
      list.map((item, i) => (i === at ? { ...item, ...change } : item));
    shape.oracles.forEach(({ queries, foldGrinding }, j) => {
      weakened.push({ ...shape, oracles: replace(shape.oracles, j, { queries: queries - 1 }) });
      weakened.push({ ...shape, oracles: replace(shape.oracles, j, { foldGrinding: foldGrinding - 1 }) });
    });
    shape.rounds.forEach(({ queries, foldGrinding }, i) => {
      weakened.push({ ...shape, rounds: replace(shape.rounds, i, { queries: queries - 1 }) });
      weakened.push({ ...shape, rounds: replace(shape.rounds, i, { foldGrinding: foldGrinding - 1 }) });
    });
    for (const weak of weakened)
      expect(protocolBits(soundness(DEFAULT_PROFILE, weak, defaultArgument))).toBeLessThan(128);
  }
});

test("a larger domain than the shape was made for is noticed", () => {
  const shape = whirShape(DEFAULT_PROFILE, defaultOracles(21));
  const oracles = shape.oracles.map((oracle) => ({ ...oracle, logSize: oracle.logSize + 4 }));
  expect(protocolBits(soundness(DEFAULT_PROFILE, { ...shape, oracles }, defaultArgument))).toBeLessThan(128);
});

test("the lookup challenges are ground as soon as the tree is large enough to need it", () => {
  expect(lookupGrinding(DEFAULT_PROFILE, 22, 2)).toBe(0);
  expect(lookupGrinding(DEFAULT_PROFILE, 25, 3)).toBe(1);
  expect(lookupGrinding(DEFAULT_PROFILE, 28, 3)).toBe(4);
  expect(lookupGrinding(DEFAULT_PROFILE, 30, 15)).toBe(8);
  expect(() => lookupGrinding(DEFAULT_PROFILE, 31, 64)).toThrow("lookups: expected at most 8 bits");
  const shape = whirShape(DEFAULT_PROFILE, defaultOracles(21));
  const big: ArgumentShape = { ...defaultArgument, lookupLogLeaves: 28, lookupLayers: 28, maxTupleArity: 3 };
  expect(protocolBits(soundness(DEFAULT_PROFILE, shape, big))).toBeLessThan(128);
  const ground = { ...big, lookupGrinding: lookupGrinding(DEFAULT_PROFILE, 28, 3) };
  expect(protocolBits(soundness(DEFAULT_PROFILE, shape, ground))).toBeGreaterThanOrEqual(128);
});

test("more claims than the batching was made for are refused", () => {
  const shape = whirShape(DEFAULT_PROFILE, defaultOracles(21));
  const most = { ...defaultArgument, claims: DEFAULT_PROFILE.maxClaims };
  expect(protocolBits(soundness(DEFAULT_PROFILE, shape, most))).toBeGreaterThanOrEqual(128);
  expect(() => soundness(DEFAULT_PROFILE, shape, { ...most, claims: most.claims + 1 })).toThrow(
    "expected at most",
  );
});

test("the test profile is as weak as it says, and no weaker", () => {
  for (const specs of shapes()) {
    const bits = protocolBits(soundness(testProfile, whirShape(testProfile, specs), defaultArgument));
    expect(bits).toBeGreaterThanOrEqual(20);
    expect(bits).toBeLessThan(24);
  }
});

test("every phase of the protocol has its row, in protocol order", () => {
  const shape = whirShape(DEFAULT_PROFILE, defaultOracles(21));
  const { rounds } = soundness(DEFAULT_PROFILE, shape, defaultArgument);
  expect(rounds.map(({ phase, repeats }) => `${repeats} ${phase}`)).toEqual([
    "1 trace: out-of-domain",
    "1 lookups: α, β",
    "19 lookups: layer batching",
    "171 lookups: layer sumcheck",
    "19 lookups: layer split",
    "1 relations: τ",
    "1 relations: batching claims",
    "364 relations: sumcheck",
    "1 opening: batching claims",
    "7 trace: fold",
    "5 contextIn: fold",
    "5 contextOut: fold",
    "7 fixed: fold",
    "1 round 0: out-of-domain",
    "1 trace: queries",
    "1 contextIn: queries",
    "1 contextOut: queries",
    "1 fixed: queries",
    "1 round 0: combination",
    "4 round 0: fold",
    "1 round 1: out-of-domain",
    "1 round 0: queries",
    "1 round 1: combination",
    "4 round 1: fold",
    "1 round 1: queries",
    "1 final: combination",
    "7 final: sumcheck",
    "1 contextIn: out-of-domain",
    "1 contextOut: out-of-domain",
    "1 fixed: out-of-domain",
    "1 Merkle trees and transcript",
  ]);
});

test("sizes agree with the design's orientation: one oracle, first fold 7, then 4, grinding 18", () => {
  const alone: ArgumentShape = {
    lookupLogLeaves: 0,
    lookupLayers: 0,
    lookupTrees: 0,
    maxTupleArity: 0,
    lookupGrinding: 0,
    relations: 0,
    relationVariables: 0,
    batched: 0,
    sumcheckRounds: 0,
    claims: 1,
  };
  // [log size, log inverse rate, KiB, thousands of hashes]; DESIGN counts shared paths once, we their layers alone.
  const known = [
    [20, 1, 193, 6.3],
    [20, 2, 119, 3.6],
    [20, 3, 92, 2.7],
    [20, 4, 79, 2.2],
    [24, 1, 257, 8.4],
    [24, 2, 163, 5.1],
    [24, 3, 129, 3.9],
    [24, 4, 110, 3.2],
  ] as const;
  for (const [logSize, logInvRate, kib, hashes] of known) {
    const profile = {
      ...DEFAULT_PROFILE,
      oracles: { ...DEFAULT_PROFILE.oracles, trace: { ...DEFAULT_PROFILE.oracles.trace, logInvRate } },
      rounds: { ...DEFAULT_PROFILE.rounds, logInvRate: logInvRate + 6 },
      queryGrinding: 18,
    };
    const size = proofSize(whirShape(profile, [{ name: "trace", kind: "trace", logSize }]), alone);
    expect(size.bytes / 1024 / kib).toBeWithin(1, 1.15);
    expect(size.compressions / 1000 / hashes).toBeWithin(0.65, 0.9);
  }
});

test("docs/security.md shows the tables that the calculator prints for the embedded model", async () => {
  const text = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
  const { model: description } = await embeddedModel();
  for (const logSegment of [5, 6])
    expect(text).toContain(securityReport({ profile: DEFAULT_PROFILE, description, logSegment }).text);
});
