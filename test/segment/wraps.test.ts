import { beforeAll, describe, expect, test } from "bun:test";
import type { Tensor, Term } from "../../src/air/air.ts";
import { checkDescription } from "../../src/model/description.ts";
import { fromInteger, inv, mul, P, sub, toSigned } from "../../src/field/m31.ts";
import {
  ACTIVATION_LIMIT,
  expScaleFor,
  MAX_RESIDUAL_SHIFT,
  MAX_SHIFT,
  meanShiftFor,
  NORM_SHIFT,
  scoreShiftFor,
} from "../../src/model/config.ts";
import { verifySegment } from "../../src/segment/verify.ts";
import { LLAMA } from "../../src/model/options.ts";
import { GPT2, tinyModel } from "../model/tinyModel.ts";
import { attackedModel, attackedSampler, COARSER } from "./attackedModel.ts";
import { cellOf, forge, type HonestRun, type HonestSegment, honestRun, Report } from "./attacks.ts";

/*
 * Cheating by ±p: a relation holds modulo p only, so a limb moved by 2^31/2^s ≡ 1/2^s moves a range-checked
 * remainder by 1 and stays in its range. Every such move must break another rule.
 */

let run: HonestRun;
let last: HonestSegment;

/** The committed tensor that this term multiplies by nothing but public tensors. */
function linearFactor({ factors }: Term): Tensor | null {
  const committed = factors.filter(({ tensor }) => tensor.source.kind === "committed");
  const publics = factors.filter(({ tensor }) => tensor.source.kind === "public");
  return committed.length === 1 && publics.length === factors.length - 1 ? committed[0].tensor : null;
}

/** What its public tensors multiply the cell by: their first layer's entry, or 1 where they select. */
function publicFactor({ factors }: Term): number {
  const ofLayers = factors.find(({ tensor }) => tensor.name === "mlp.kept")?.tensor.source;
  return ofLayers?.kind === "public" ? ofLayers.definition.values({})[0] : 1;
}

/** Neither context nor weights. */
const isTraced = ({ source }: Tensor) => source.kind === "committed" && source.oracle === "trace";

/** Moves every committed tensor of the chosen looked-up relations by what moves the relation by ±1 modulo p. */
function cheatLookups(run: HonestRun, segment: HonestSegment, isChosen: (name: string) => boolean) {
  const report = new Report([
    "looked up",
    "moved",
    "by",
    "its own check",
    "verifier's check",
    "rules that it breaks",
  ]);
  const survivors: string[] = [];
  let hidden = 0;
  for (const { name, entries } of run.key.protocol.air.lookups.filter((lookup) => isChosen(lookup.name)))
    for (const { source } of entries) {
      if (source.kind !== "virtual") continue;
      for (const term of source.terms) {
        const tensor = linearFactor(term);
        if (!tensor || !isTraced(tensor)) continue;
        const weight = mul(fromInteger(term.coefficient), fromInteger(publicFactor(term)));
        const outcomes = [1, -1].map((sign) => {
          const delta = toSigned(mul(fromInteger(sign), inv(weight)));
          const forgery = forge(run, segment, {
            incoming: true,
            explain: true,
            witness: (witness) => {
              const values = witness.get(tensor.name) as Int32Array;
              const cell = cellOf(tensor, { t: 1, j: 1 });
              values[cell] = toSigned(fromInteger(values[cell] + delta));
            },
          });
          return { delta, forgery };
        });
        const best = outcomes.find(({ forgery }) => !forgery.broken.includes(name)) ?? outcomes[0];
        const { verdict, broken } = best.forgery;
        if (!broken.includes(name)) hidden++;
        const holds = broken.includes(name) ? "fails" : "holds";
        const check = verdict.ok ? "none" : verdict.check;
        report.add(name, tensor.name, String(best.delta), holds, check, broken.join(", "));
        for (const { forgery, delta } of outcomes)
          if (forgery.verdict.ok) survivors.push(`${name}: ${tensor.name} by ${delta}`);
      }
    }
  report.print();
  console.log(`cheats: ${2 * report.size}; relations that hold modulo p all the same: ${hidden}`);
  return { survivors, hidden };
}

describe.each([
  ["Llama's kind, greedy", LLAMA, undefined],
  ["GPT-2's kind, greedy", GPT2, undefined],
  ["a gate, all biases and coarser steps, sampled", COARSER, attackedSampler],
] as const)("limbs cheated by ±p, %s choice", (_, options, sampler) => {
  beforeAll(() => {
    run = honestRun(attackedModel(options), { sampler });
    last = run.segments[2];
  });

  test("every looked-up relation, by every committed tensor in it", () => {
    const { survivors, hidden } = cheatLookups(run, last, () => true);
    expect(hidden).toBeGreaterThan(15);
    expect(survivors).toEqual([]);
  }, 120000);

  test("the norm's square: mean by 2^31/4^f, the rest by 1", () => {
    const tensor = run.key.protocol.air.tensors.get("attentionNorm.mean") as Tensor;
    const cell = cellOf(tensor, { t: 1, l: 1 });
    for (const sign of [1, -1]) {
      const { verdict, broken } = forge(run, last, {
        explain: true,
        witness: (witness) => {
          const of = (column: string) => witness.get(`attentionNorm.${column}`) as Int32Array;
          of("mean")[cell] += sign * toSigned(inv(of("power")[cell]));
          of("rest")[cell] -= sign;
        },
      });
      expect(broken).not.toContain("attentionNorm.square");
      expect(broken.filter((name) => name.startsWith("attentionNorm.mean"))).not.toEqual([]);
      expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
    }
  });
});

describe("no second solution modulo p", () => {
  test("norm: (mean, power, rest) for the square's floor", () => {
    const squares = [0, 1, 65535, 65536, 2 ** 20 + 12345, 2 ** 28 - 1, 2 ** 30 - 1];
    for (let k = 0; k < 20; k++) squares.push((k * 0x2545f491 + 77) % 2 ** (10 + k));
    for (const square of squares) {
      const found: number[][] = [];
      for (let f = 0; f <= 7; f++) {
        const inverse = inv(4 ** f);
        for (let rest = 0; rest < 4 ** f; rest++) {
          const mean = mul(sub(square, rest), inverse);
          if (mean < 2 ** 16 && (f === 0 || mean >= 2 ** 14)) found.push([mean, f, rest]);
        }
      }
      let f = 0;
      while (Math.floor(square / 4 ** f) >= 2 ** 16) f++;
      expect(found).toEqual([[Math.floor(square / 4 ** f), f, square % 4 ** f]]);
    }
  });

  test("mixing: (o, rest, low) for numerator and divisor", () => {
    const cases: [number, number][] = [];
    for (const capacity of [2, 64, 128, 256, 2 ** 14]) {
      const most = expScaleFor(capacity) * capacity;
      for (const sum of [most, most - 7, expScaleFor(capacity)])
        for (const share of [1, -1, 0.37, -0.91])
          cases.push([Math.trunc(share * ACTIVATION_LIMIT * sum), Math.floor(sum / 8) + 1]);
    }
    const eighth = inv(8);
    for (const [numerator, divisor] of cases) {
      const total = numerator + 4 * divisor;
      const found: number[] = [];
      for (let low = 0; low < 8; low++) {
        const eighths = mul(fromInteger(total - low), eighth);
        for (let o = -(2 ** 11); o < 2 ** 11; o++)
          if (sub(eighths, fromInteger(o * divisor)) < Math.min(divisor, 2 ** 16)) found.push(o);
      }
      expect([numerator, divisor, found]).toEqual([numerator, divisor, [Math.floor(total / (8 * divisor))]]);
    }
  });

  test("requantization: 16-bit results and remainders take fewer than p values", () => {
    expect(2 ** (16 + MAX_SHIFT)).toBeLessThan(P);
    expect(2 ** (17 + MAX_RESIDUAL_SHIFT)).toBeLessThan(P);
    // The norm's take 2^31 values, so the least and the largest agree; the sum, below 2^29, is neither.
    expect(2 ** (16 + NORM_SHIFT) - 1).toBeLessThanOrEqual(P);
  });

  test("choice: no wrap of a negative lead into [0, 2^30)", () => {
    const largest = 2 ** 29 - 1;
    for (const [chosen, other, below] of [
      [-largest, largest, 1],
      [-largest, largest, 0],
      [largest - 1, largest, 0],
      [5, 5, 1],
    ])
      expect(fromInteger(chosen - other - below)).toBeGreaterThanOrEqual(2 ** 30);
    expect(fromInteger(largest + largest)).toBeLessThan(2 ** 30);
  });

  // (max − u)·2^σ + r with a 16-bit max and an unsigned 16-bit u takes (2^17 − 1)·2^σ values.
  test("scores: every description that the verifier accepts leaves them fewer than p values", () => {
    for (let headDim = 2; headDim <= 256; headDim *= 2) {
      const { config, shifts, normBits, expScale } = run.model;
      const description = {
        config: { ...config, dim: headDim, heads: 1, kvHeads: 1, headDim },
        shifts,
        normBits,
        expScale,
        scoreShift: scoreShiftFor(headDim),
      };
      let accepted = true;
      try {
        checkDescription(description);
      } catch {
        accepted = false;
      }
      const values = (2 ** 17 - 1) * 2 ** scoreShiftFor(headDim);
      if (accepted) expect({ headDim, values }).toEqual({ headDim, values: Math.min(values, P) });
      else expect(headDim).toBeGreaterThan(128);
    }
  });
});

describe("steps that get coarser", () => {
  test("a proof holds for its own steps only", () => {
    const { session, segments } = honestRun(attackedModel(COARSER));
    expect(verifySegment(session, segments[0].proof).ok).toBe(true);
    for (const coarser of [[3, 1, 1], [2, 1, 0], [3, 0, 0], undefined]) {
      const { coarser: _, ...rest } = session.description;
      const description = { ...rest, ...(coarser && { coarser }) };
      expect(verifySegment({ ...session, description }, segments[0].proof).ok).toBe(false);
    }
  });

  test("both sides of a residual update stay below p / 2, whatever the steps", () => {
    for (let s = 1; s <= MAX_RESIDUAL_SHIFT; s++)
      for (let c = 0; c <= s; c++)
        for (const side of [2 ** (15 + s - c) + 2 ** 29 + 2 ** (s - 1), 2 ** (16 + s) + 2 ** s])
          expect(side).toBeLessThan(P / 2);
  });
});

describe("norms wider than 256", () => {
  const NORM = /^(attention|mlp|final)Norm\b/;
  let wide: HonestRun;

  beforeAll(() => {
    // e = 10, so limbs are divided by 4; features, query groups and KV heads are padded
    const shape = { dim: 576, heads: 9, kvHeads: 3, hidden: 8, layers: 1, vocab: 8, capacity: 8 };
    wide = honestRun(tinyModel(shape), { rows: 4 });
  });

  test("an honest run verifies", () => {
    const [{ proof }] = wide.segments;
    expect(verifySegment(wide.session, proof).ok).toBe(true);
  });

  test("every looked-up relation of the norms, by every committed tensor in it", () => {
    const { survivors, hidden } = cheatLookups(wide, wide.segments[0], (name) => NORM.test(name));
    expect(hidden).toBeGreaterThan(6);
    expect(survivors).toEqual([]);
  }, 120000);

  test("every column of the norms by ±1", () => {
    const survivors: string[] = [];
    for (const tensor of wide.key.protocol.air.tensors.values()) {
      if (tensor.source.kind !== "committed" || !NORM.test(tensor.name)) continue;
      for (const delta of [1, -1]) {
        const { verdict } = forge(wide, wide.segments[0], {
          witness: (witness) => {
            (witness.get(tensor.name) as Int32Array)[cellOf(tensor, { t: 1 })] += delta;
          },
        });
        if (verdict.ok) survivors.push(`${tensor.name} by ${delta}`);
      }
    }
    expect(survivors).toEqual([]);
  }, 120000);

  test("limbs of the widest norm stay within ±2^28, and the mean below 2^30", () => {
    for (const dim of [257, 576, 1024, 4096]) {
      const k = meanShiftFor(dim) - 8;
      const [lowSquares, most, least] = [dim * 255 ** 2, dim * 127 * 255, dim * -128 * 255];
      expect(lowSquares).toBeLessThan(2 ** 28);
      expect(Math.floor(lowSquares / 2 ** (8 + k))).toBeLessThan(2 ** 16);
      for (const sum of [most, least]) {
        expect(Math.abs(2 * sum) + 2 ** k).toBeLessThanOrEqual(2 ** 28);
        const cross1 = Math.floor(Math.floor((2 * sum) / 2 ** k) / 2 ** 9);
        expect(cross1).toBeWithin(-(2 ** 15), 2 ** 15);
      }
      expect(2 ** (8 - k) * dim * 2 ** 14).toBeLessThanOrEqual(2 ** 30);
      // |2^k·cross + rest| for every 16-bit cross1
      expect(2 ** k * 2 ** 24).toBeLessThanOrEqual(2 ** 28);
    }
  });

  // 2^k·cross + rest is the same number modulo p; without the limb's range another mean would do.
  test("the mean moved by 2^31/2^k: only the rest and the limb of the cross sum are out of their ranges", () => {
    const tensor = wide.key.protocol.air.tensors.get("attentionNorm.mean") as Tensor;
    const cell = cellOf(tensor, { t: 1 });
    for (const sign of [1, -1]) {
      const { verdict, broken } = forge(wide, wide.segments[0], {
        explain: true,
        witness: (witness) => {
          const of = (column: string) => witness.get(`attentionNorm.${column}`) as Int32Array;
          of("rest")[cell] += sign * 2 ** 29;
          of("cross1")[cell] += sign * 2 ** 20;
        },
      });
      expect([...broken].sort()).toEqual([
        "attentionNorm.cross1.range < 2^16",
        "attentionNorm.rest < 2^16",
        "attentionNorm.rest.below < 2^16",
      ]);
      expect(verdict.ok).toBe(false);
    }
  });
});
