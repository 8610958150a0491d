import { describe, expect, test } from "bun:test";
import { hashWords } from "../../src/hash/blake3.ts";
import { drawOf, tokenSampler } from "../../src/decode/draw.ts";
import {
  checkSampler,
  type Draw,
  leastMinP,
  LOG_KEPT,
  LOG_LIMB,
  sampleToken,
  type Sampler,
  samplingTable,
  ticketOf,
  wordWeights,
} from "../../src/model/sampler.ts";
import { randomNumbers } from "./tinyModel.ts";

const SCALE = 2 ** 20;
const sampler: Sampler = { temperature: 0.8, minP: 0.05, logitScale: SCALE, seed: 42 };
const ZERO: Draw = [0, 0, 0];
const LARGEST: Draw = [2 ** LOG_LIMB - 1, 2 ** LOG_LIMB - 1, 2 ** LOG_LIMB - 1];

/** Integer logits of a peaked distribution over 300 words, of which min-p leaves some dozens. */
function someLogits(seed = 5): Int32Array {
  const random = randomNumbers(seed);
  return Int32Array.from({ length: 300 }, () => Math.round(SCALE * (8 * random() ** 3 - 4)));
}

/** The float softmax at the sampler's temperature, without the words below min-p. */
function floatShares(logits: Int32Array, { temperature, minP, logitScale }: Sampler): number[] {
  const top = Math.max(...logits);
  const all = Array.from(logits, (logit) => Math.exp((logit - top) / logitScale / temperature));
  const kept = all.map((share) => (share >= minP ? share : 0));
  const sum = kept.reduce((a, b) => a + b);
  return kept.map((share) => share / sum);
}

describe("weights", () => {
  const table = samplingTable(sampler, 512);

  test("are the exponential's, to half a unit and a step, and 0 from min-p on", () => {
    const cut = table.weights.indexOf(0);
    expect(cut).toBeGreaterThan(2 ** (LOG_KEPT - 1));
    expect(cut).toBeLessThanOrEqual(2 ** LOG_KEPT);
    const step = 2 ** table.shift / (SCALE * sampler.temperature);
    table.weights.forEach((weight, k) => {
      const exact = Math.exp(-step * k);
      if (k < cut) expect(Math.abs(weight - 65535 * exact)).toBeLessThanOrEqual(0.5 + 1e-6);
      else expect(weight).toBe(0);
      expect(exact >= sampler.minP).toBe(k < cut);
    });
  });

  test("of words below the table's end are 0", () => {
    expect([...wordWeights(Int32Array.of(2 ** 29 - 1, 1 - 2 ** 29), table)]).toEqual([65535, 0]);
  });

  test("never add up to 2^29, and keep at least 64 at the least min-p", () => {
    for (let log = 1; log <= 18; log++) {
      const vocab = 2 ** log;
      const { weights } = samplingTable({ ...sampler, minP: leastMinP(vocab) }, vocab);
      expect(weights[0] * vocab).toBeLessThan(2 ** 29);
      expect(Math.min(...weights.filter((weight) => weight > 0))).toBeGreaterThanOrEqual(64);
    }
  });

  test("are the same for every seed, and everywhere", () => {
    // frozen: a change here changes which tokens are drawn
    expect(table.shift).toBe(10);
    expect([0, 1, 100, 1000, 2454, 2455].map((k) => table.weights[k])).toEqual([
      65535, 65455, 58004, 19334, 3277, 0,
    ]);
    expect([...hashWords(Uint32Array.from(table.weights))].slice(0, 2)).toEqual([1982521687, 2242322460]);
  });
});

describe("a draw", () => {
  test("is the low bits of a hash of seed and position", () => {
    // frozen, as above
    expect(drawOf(42, 7)).toEqual([6231, 15574, 14605]);
    expect(drawOf(2 ** 53 - 1, 7)).toEqual([2556, 15021, 2441]);
    expect(drawOf(2 ** 32 + 42, 7)).not.toEqual(drawOf(42, 7));
  });

  test("times the total, limb by limb, is the product's floor", () => {
    const random = randomNumbers(9);
    const limb = () => Math.floor(random() * 2 ** LOG_LIMB);
    const cases: [number, Draw][] = [
      [1, LARGEST],
      [2 ** 29 - 1, LARGEST],
      [2 ** 29 - 1, ZERO],
      [2 ** LOG_LIMB, LARGEST],
      ...Array.from({ length: 500 }, (): [number, Draw] => [
        Math.floor(random() * 2 ** 29),
        [limb(), limb(), limb()],
      ]),
    ];
    for (const [total, draw] of cases) {
      const { ticket, carries } = ticketOf(total, draw);
      const whole = draw.reduceRight((sum, part) => sum * 2n ** BigInt(LOG_LIMB) + BigInt(part), 0n);
      expect(BigInt(ticket)).toBe((BigInt(total) * whole) >> BigInt(3 * LOG_LIMB));
      for (const carry of carries) expect(carry).toBeLessThan(2 ** 16);
    }
  });

  test("of 0 takes the first word that is kept, the largest the last one", () => {
    const table = samplingTable(sampler, 4);
    const logits = Int32Array.of(-9 * SCALE, 0, SCALE / 4, -9 * SCALE);
    expect(sampleToken(logits, table, ZERO)).toBe(1);
    expect(sampleToken(logits, table, LARGEST)).toBe(2);
    const all = Int32Array.of(0, 0, 0, 0);
    expect(sampleToken(all, table, ZERO)).toBe(0);
    expect(sampleToken(all, table, LARGEST)).toBe(3);
  });
});

test("10,000 draws pass a chi-square test against the float softmax truncated by the same min-p", () => {
  const logits = someLogits();
  const shares = floatShares(logits, sampler);
  const pick = tokenSampler(sampler, logits.length);
  const draws = 10000;
  const counts = new Array<number>(logits.length).fill(0);
  for (let position = 0; position < draws; position++) counts[pick(logits, position)]++;
  let statistic = 0;
  let words = 0;
  shares.forEach((share, v) => {
    if (share === 0) expect(counts[v]).toBe(0);
    else {
      words++;
      statistic += (counts[v] - draws * share) ** 2 / (draws * share);
    }
  });
  expect(words).toBeGreaterThan(20);
  // 99.9 % of the chi-square distribution, by Wilson and Hilferty
  const freedom = words - 1;
  const limit = freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;
  console.log(
    `chi-square ${statistic.toFixed(1)} over ${freedom} degrees of freedom, limit ${limit.toFixed(1)}`,
  );
  expect(statistic).toBeLessThan(limit);
  // and the test can fail: a temperature a tenth higher does not pass it
  const other = floatShares(logits, { ...sampler, temperature: 1.1 * sampler.temperature });
  const off = other.reduce(
    (sum, share, v) => (share > 0 ? sum + (counts[v] - draws * share) ** 2 / (draws * share) : sum),
    0,
  );
  expect(off).toBeGreaterThan(limit);
});

describe("a sampler", () => {
  test("out of range is refused by name", () => {
    const refused = (change: object, name: string) =>
      expect(() => checkSampler({ ...sampler, ...change } as Sampler, 512)).toThrow(`expected ${name} to be`);
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN, "1", undefined]) refused({ seed }, "seed");
    for (const temperature of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1", 1e-9, 1e9])
      refused({ temperature }, "temperature");
    for (const logitScale of [0, -1, Number.NaN, 2 ** 64, null]) refused({ logitScale }, "logitScale");
    for (const minP of [0, 1, 1.5, -0.1, Number.NaN, leastMinP(512) / 2, "0.1"]) refused({ minP }, "minP");
    for (const minP of [leastMinP(512), 0.05, 0.5, 0.9])
      for (const temperature of [0.1, 1, 10]) checkSampler({ ...sampler, minP, temperature }, 512);
  });
});
