import { expect, test } from "bun:test";
import {
  FIELD_SIZE,
  foldError,
  johnson,
  leastGrinding,
  outOfDomainError,
  powerOfTwo,
  queryError,
  type Regime,
  reaches,
  regimes,
  uniqueDecoding,
} from "../../src/soundness/proximity.ts";

const CODE = { logDimension: 14, logInvRate: 2 };

test("the field has 155 bits", () => {
  expect(Math.log2(FIELD_SIZE)).toBeCloseTo(155, 6);
  expect(Math.log2(FIELD_SIZE)).toBeLessThan(155);
});

test("BCHKS25 Theorem 4.6: the count of exceptional challenges, worked out by others in exact arithmetic", () => {
  // n = 2^21, dimension 2^20, m = 146 (agreement 1493067 of 2097152): ⌈count⌉ = 266853183557299442.
  const regime = johnson({ logDimension: 20, logInvRate: 1 }, 146) as Regime;
  expect(regime.agreement * 2 ** 21).toBeCloseTo(1493067, -1);
  expect((regime.lineError * FIELD_SIZE) / 2.66853183557299e17).toBeCloseTo(1, 6);
});

test("unique decoding: half the distance, one codeword, n exceptional challenges", () => {
  const regime = uniqueDecoding(CODE);
  expect(regime.agreement).toBe(0.625);
  expect(regime.listSize).toBe(1);
  expect(regime.lineError * FIELD_SIZE).toBeCloseTo(2 ** 16, 6);
});

test("a larger multiplicity buys radius with list size and line error, and ends at √ρ", () => {
  const list = [...regimes(CODE)];
  for (let i = 1; i < list.length; i++) {
    const [before, after] = [list[i - 1] as Regime, list[i] as Regime];
    expect(after.multiplicity).toBeGreaterThan(before.multiplicity);
    if (before.multiplicity > 0) expect(after.agreement).toBeLessThan(before.agreement);
    expect(after.lineError).toBeGreaterThan(before.lineError);
    expect(after.agreement).toBeGreaterThan(Math.sqrt((2 ** 14 - 1) / 2 ** 16));
  }
  // List sizes grow by steps of two multiplicities.
  for (let i = 3; i < list.length; i++)
    expect((list[i] as Regime).listSize).toBeGreaterThan((list[i - 2] as Regime).listSize);
});

test("errors grow with the domain, and a lower rate needs fewer queries", () => {
  const at = (logDimension: number, logInvRate: number) => johnson({ logDimension, logInvRate }, 5) as Regime;
  for (let log = 4; log < 24; log++) expect(at(log + 1, 2).lineError).toBeGreaterThan(at(log, 2).lineError);
  for (let rate = 1; rate < 10; rate++) {
    expect(at(8, rate + 1).agreement).toBeLessThan(at(8, rate).agreement);
    expect(at(8, rate + 1).lineError).toBeGreaterThan(at(8, rate).lineError);
    expect(queryError(at(8, rate), 10)).toBeGreaterThan(queryError(at(8, rate), 11));
  }
  expect(outOfDomainError(20, 21)).toBeGreaterThan(outOfDomainError(20, 20));
  expect(foldError(at(8, 2))).toBeGreaterThan(at(8, 2).lineError);
});

test("the radius stays positive", () => {
  expect(johnson({ logDimension: 8, logInvRate: 1 }, 3)?.agreement).toBeLessThan(1);
  expect(johnson({ logDimension: 8, logInvRate: 1 }, 2)).toBeUndefined();
});

test("no word over a small field has more codewords in its radius than the list bound allows", () => {
  // All polynomials of degree < 4 over F_17, on 16 points.
  const q = 17;
  const codewords: number[][] = [];
  for (let c = 0; c < q ** 4; c++) {
    const f = [c % q, Math.floor(c / q) % q, Math.floor(c / q ** 2) % q, Math.floor(c / q ** 3)] as const;
    codewords.push(Array.from({ length: 16 }, (_, x) => (f[0] + x * (f[1] + x * (f[2] + x * f[3]))) % q));
  }
  const bound = johnson({ logDimension: 2, logInvRate: 2 }, 3) as Regime;
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let trial = 0; trial < 20; trial++) {
    // Words glued together from a few codewords, so that several are near.
    const parts = Array.from(
      { length: 1 + (trial % 4) },
      () => codewords[random(codewords.length)] as number[],
    );
    const word = Array.from({ length: 16 }, (_, x) => (parts[random(parts.length)] as number[])[x] as number);
    const near = codewords.filter((codeword) => {
      let agree = 0;
      for (let x = 0; x < 16; x++) if (codeword[x] === word[x]) agree++;
      return agree >= bound.agreement * 16;
    });
    expect(near.length).toBeLessThanOrEqual(bound.listSize);
  }
});

test("comparisons with a target are exact at powers of two, up to the room for rounding", () => {
  expect(powerOfTwo(-128)).toBe(2 ** -128);
  expect(powerOfTwo(10)).toBe(1024);
  expect(reaches(2 ** -128 * (1 - 1e-8), 0, 128)).toBe(true);
  expect(reaches(2 ** -128, 0, 128)).toBe(false);
  expect(leastGrinding(2 ** -114 * 0.99, 128)).toBe(14);
  expect(leastGrinding(2 ** -114 * 1.01, 128)).toBe(15);
});
