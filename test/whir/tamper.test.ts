import { describe, expect, test } from "bun:test";
import { P } from "../../src/field/m31.ts";
import type { Verdict } from "../../src/hash/verdict.ts";
import { instance, type Proven, prove, randomPoint, randomWords, verify } from "./fixtures.ts";
import { several, small } from "./shapes.ts";

const next = randomWords(3);
const made = instance(small, [
  { oracle: 0, offset: 0, point: randomPoint(next, 5) },
  { oracle: 0, offset: 12, point: randomPoint(next, 2) },
]);
const proven = prove(made);

function verdict(change: (proof: Uint32Array) => Uint32Array): Verdict {
  return verify(small, made.claims, { ...proven, proof: change(proven.proof.slice()) });
}

describe("a tampered proof", () => {
  test("with any word raised by one is rejected", () => {
    const checks = new Set<string>();
    for (let i = 0; i < proven.proof.length; i++) {
      const result = verdict((proof) => proof.fill((proof[i] as number) + 1, i, i + 1));
      expect({ word: i, ok: result.ok }).toEqual({ word: i, ok: false });
      if (!result.ok) checks.add(result.check);
    }
    // Grinding of two or fewer bits may pass by luck, so that not every name must appear.
    expect(checks).toContain("whir/final");
    expect(checks).toContain("whir/oracle/row");
    expect(checks).toContain("whir/round 0/row");
  });

  test("with p instead of 0, or any word p or more, is rejected as not canonical", () => {
    for (const value of [P, P + 1, 2 ** 32 - 1]) {
      const result = verdict((proof) => proof.fill(value, 8, 9));
      expect(result).toMatchObject({ ok: false, check: "canonical words" });
    }
  });

  test("of any other length is rejected", () => {
    for (let length = 0; length < proven.proof.length; length++)
      expect(verdict((proof) => proof.slice(0, length))).toMatchObject({ ok: false, check: "proof length" });
    expect(verdict((proof) => Uint32Array.of(...proof, 0))).toMatchObject({
      ok: false,
      check: "proof length",
    });
  });

  test("of random words is rejected without throwing", () => {
    for (let i = 0; i < 200; i++) {
      const from = i % proven.proof.length;
      expect(verdict((proof) => proof.map((word, at) => (at < from ? word : next()))).ok).toBe(false);
    }
  });
});

describe("a root oracle's name", () => {
  const claims = instance(several, []);
  const honest = prove(claims);

  test("with another value or another root is rejected", () => {
    const [first, second] = honest.names as [Proven["names"][0], Proven["names"][0]];
    const [a, b, c, d, e] = first.value;
    const lie = (names: Proven["names"]) => verify(several, [], { ...honest, names });
    expect(lie([first, second])).toEqual({ ok: true });
    expect(lie([{ ...first, value: [a, b, c, d, (e + 1) % P] }, second]).ok).toBe(false);
    expect(
      lie([{ ...first, root: first.root.map((word, i) => (i === 3 ? word ^ 1 : word)) }, second]).ok,
    ).toBe(false);
    expect(lie([second, first]).ok).toBe(false);
  });
});
