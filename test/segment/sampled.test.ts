import { beforeAll, describe, expect, test } from "bun:test";
import type { PublicDefinition, Tensor } from "../../src/air/air.ts";
import type { SegmentRows } from "../../src/decode/recorder.ts";
import { tokenSampler } from "../../src/decode/draw.ts";
import { segmentWitness } from "../../src/decode/segmentWitness.ts";
import { fromInteger, inv, mul, P, sub } from "../../src/field/m31.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { Decoder } from "../../src/model/decoder.ts";
import { embeddedModel } from "../../src/model/embeddedModel.ts";
import {
  LOG_KEPT,
  LOG_LIMB,
  MAX_SAMPLING_SHIFT,
  type Sampler,
  samplingTable,
  sampleToken,
  wordWeights,
} from "../../src/model/sampler.ts";
import { SegmentProver } from "../../src/segment/prover.ts";
import { securityReport } from "../../src/segment/security.ts";
import type { Session } from "../../src/segment/statement.ts";
import { modelIdOf, verifyChain } from "../../src/segment/verify.ts";
import { DEFAULT_PROFILE } from "../../src/whir/profile.ts";
import { attackedModel, attackedSampler as sampler } from "./attackedModel.ts";
import { type Cheat, forge, type Forgery, type HonestRun, type HonestSegment, honestRun } from "./attacks.ts";
import { decode, PROMPT, rejected } from "./chainRun.ts";
import { decodeSegments } from "./tinyRun.ts";

let run: HonestRun;
let first: HonestSegment;
let second: HonestSegment;
let proofs: Uint8Array[];
const { vocab } = attackedModel().config;
const table = samplingTable(sampler, vocab);

beforeAll(() => {
  run = honestRun(attackedModel(), { sampler });
  [first, second] = run.segments;
  proofs = run.segments.map(({ proof }) => proof);
});

const chain = (list: readonly Uint8Array[], session: Session = run.session) =>
  verifyChain(session, list, modelIdOf(run.session));

/** Every word that the run generates. */
const generated = (segments: readonly HonestSegment[]) =>
  segments.flatMap(({ rows }) => rows.choices).slice(PROMPT.length - 1);

describe("a sampled chain", () => {
  test("is accepted, with the first and the last word of the vocabulary in it", () => {
    expect(chain(proofs)).toMatchObject({ ok: true, segments: 3 });
    expect(generated(run.segments)).toEqual(expect.arrayContaining([0, vocab - 1]));
    const greedy = decodeSegments(run.model, 2, PROMPT, 10).flatMap(({ choices }) => choices);
    expect(generated(run.segments)).not.toEqual(greedy.slice(PROMPT.length - 1));
  });

  test("has the same text with other kernels", () => {
    const pick = tokenSampler(sampler, vocab);
    const decoder = new Decoder(run.model, createKernels());
    const rows = decode(run.model, PROMPT, 10, {
      decoder,
      choose: (position, logits) => pick(logits, position + 1),
    });
    expect(rows.map(({ choices }) => choices)).toEqual(run.segments.map(({ rows }) => rows.choices));
  });

  test("is accepted with the finest and the coarsest step", () => {
    for (const [temperature, shift] of [
      [0.005, 1],
      [400, MAX_SAMPLING_SHIFT],
    ]) {
      const other = { ...sampler, temperature };
      expect(samplingTable(other, vocab).shift).toBe(shift);
      const { session, segments } = honestRun(run.model, { sampler: other, rows: 6 });
      expect(
        verifyChain(
          session,
          segments.map(({ proof }) => proof),
        ),
      ).toMatchObject({ ok: true });
    }
  });

  test("is refused under another seed, temperature or min-p, and under greedy choice", () => {
    const others: [Partial<Sampler>, string][] = [
      [{ seed: 8 }, "lookup/layer"],
      [{ seed: 7 + 2 ** 32 }, "lookup/layer"],
      [{ temperature: 61 }, "lookup/layer"],
      [{ minP: 0.41 }, "lookup/layer"],
    ];
    for (const [change, check] of others)
      rejected(chain(proofs, { ...run.session, sampler: { ...sampler, ...change } }), 0, check);
    // the logit scale is in the model id
    const scaled = { ...run.session, sampler: { ...sampler, logitScale: 2 ** 21 } };
    rejected(chain(proofs, scaled), null, "model id");
    const { sampler: _, ...greedy } = run.session;
    rejected(chain(proofs, greedy), null, "model id");
    expect(verifyChain(greedy, proofs)).toMatchObject({ ok: false, segment: 0 });
  });

  test("with a sampler out of range is refused as a session", () => {
    for (const change of [{ seed: -1 }, { temperature: Number.NaN }, { minP: 0 }, { logitScale: "1" }]) {
      const session = { ...run.session, sampler: { ...sampler, ...change } as Sampler };
      rejected(verifyChain(session, proofs), null, "session");
    }
    for (const found of [null, 0, "greedy", []])
      rejected(verifyChain({ ...run.session, sampler: found as never }, proofs), null, "session");
  });

  test("of a segment of greedy choice, or with one of another seed, is refused", () => {
    const greedy = honestRun(run.model, { rows: 4 });
    expect(chain(greedy.segments.map(({ proof }) => proof))).toMatchObject({ ok: false, segment: 0 });
    const other = honestRun(run.model, { sampler: { ...sampler, seed: 8 } });
    expect(generated(other.segments)).not.toEqual(generated(run.segments));
    rejected(chain([other.segments[0].proof]), 0, "lookup/layer");
    expect(chain([proofs[0], other.segments[1].proof])).toMatchObject({ ok: false, segment: 1 });
  });
});

describe("a prover that", () => {
  /** The rows that follow when one choice is another one. */
  function led(at: number, choose: (logits: Int32Array) => number): SegmentRows[] {
    const pick = tokenSampler(sampler, vocab);
    return decode(run.model, PROMPT, 8, {
      choose: (position, logits) => (position === at ? choose(logits) : pick(logits, position + 1)),
    });
  }

  function cheat(segment: HonestSegment, how: Cheat): Forgery {
    const forgery = forge(run, segment, { incoming: true, explain: true, ...how });
    expect(forgery.verdict.ok).toBe(false);
    return forgery;
  }

  const TICKET = /^ticket\.(above|below)\.(high|low) </;

  test("states any other word than the drawn one is rejected", () => {
    for (const at of [2, 3]) {
      const drawn = first.rows.choices[at];
      for (let word = 0; word < vocab; word++) {
        if (word === drawn) continue;
        const [rows] = led(at, () => word);
        const { verdict, broken } = cheat({ ...first, rows }, {});
        expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
        expect(broken.every((rule) => TICKET.test(rule))).toBe(true);
        expect(broken.length).toBeGreaterThan(0);
      }
    }
  });

  test("draws twice and keeps the better token is rejected", () => {
    // another position's draw, or another seed's, until the likeliest word comes out
    for (const at of [2, 5]) {
      const [segment, index] = at < 4 ? [first, 0] : [second, 1];
      let best = -1;
      const parts = led(at, (logits) => {
        const weights = wordWeights(logits, table);
        best = weights.indexOf(Math.max(...weights));
        for (let seed = 8; ; seed++) {
          const word = tokenSampler({ ...sampler, seed }, vocab)(logits, at + 1);
          if (word === best) return word;
        }
      });
      expect(best).not.toBe(segment.rows.choices[at % 4]);
      const { broken } = cheat({ ...segment, rows: parts[index] }, {});
      expect(broken.some((rule) => TICKET.test(rule))).toBe(true);
    }
  });

  test("draws with another seed, temperature or min-p in its own eyes is rejected", () => {
    const [seeded] = decodeSegments(run.model, 2, PROMPT, 4, { ...sampler, seed: 8 });
    const session = { ...run.session, sampler: { ...sampler, seed: 8 } };
    const forgery = cheat({ ...first, rows: seeded }, { session });
    expect(forgery.broken).toEqual([]);
    const weight = run.key.protocol.air.tensors.get("sample.weight")?.source as {
      definition: PublicDefinition;
    };
    const { definition } = weight;
    // the proving key holds the table of the settings that it was made for
    const constants = new Map(run.key.constants);
    constants.delete(run.key.protocol.air.tensors.get("sample.weight") as Tensor);
    for (const change of [{ temperature: 50 }, { minP: 0.36 }]) {
      const other = { ...sampler, ...change };
      const { shift, weights } = samplingTable(other, vocab);
      expect(shift).toBe(table.shift);
      const [rows] = decodeSegments(run.model, 2, PROMPT, 4, other);
      weight.definition = { ...definition, values: () => weights };
      try {
        const { broken, verdict } = forge(
          { ...run, key: { ...run.key, constants } },
          { ...first, rows },
          {
            incoming: true,
            explain: true,
            witness: (witness) => {
              const { contextIn } = first;
              const session = { ...run.session, sampler: other };
              const forged = segmentWitness(run.model, run.key.protocol.air, rows, contextIn, session);
              for (const [name, values] of forged) witness.set(name, values);
            },
          },
        );
        expect(broken).toEqual([]);
        expect(verdict.ok).toBe(false);
      } finally {
        weight.definition = definition;
      }
    }
  });

  test("takes a row for the prompt's, so that it need not draw, is rejected", () => {
    const session = { ...run.session, promptLength: 5 };
    const [rows] = led(2, () => 5);
    const { proof } = forge(run, { ...first, rows }, { session });
    rejected(chain([proof]), 0, "statement/outgoing pending token");
  });

  test("puts the top elsewhere than at the largest logit is rejected", () => {
    const logits = first.rows.events.logits.subarray(3 * vocab, 4 * vocab);
    const largest = Math.max(...logits);
    const words = 2 ** 4;
    for (const by of [2 ** table.shift, -(2 ** table.shift)]) {
      const { broken } = cheat(first, {
        witness: (witness) => {
          (witness.get("top") as Int32Array)[3] = largest + by;
        },
      });
      expect(broken).toContain("isTop.gap");
    }
    // at another word's logit: then the largest is above it
    const other = logits.findIndex((logit) => logit !== largest);
    const { broken } = cheat(first, {
      witness: (witness) => {
        (witness.get("top") as Int32Array)[3] = logits[other];
        const isTop = witness.get("isTop") as Int32Array;
        isTop.fill(0, 3 * words, 4 * words);
        isTop[3 * words + other] = 1;
      },
    });
    expect(broken).toContain("gap.low < 2^14");
    // at a padded word, whose logit is 0
    const padded = cheat(first, {
      witness: (witness) => {
        const isTop = witness.get("isTop") as Int32Array;
        isTop.fill(0, 3 * words, 4 * words);
        isTop[4 * words - 1] = 1;
      },
    });
    expect(padded.broken).toEqual(["isTop.sum"]);
  });

  test("keeps a word that min-p leaves out, or leaves out one that it keeps, is rejected", () => {
    const cut = table.weights.indexOf(0);
    const weights = wordWeights(first.rows.events.logits.subarray(3 * vocab, 4 * vocab), table);
    const words = 2 ** 4;
    const [out, kept] = [weights.indexOf(0), weights.findIndex((weight) => weight > 0 && weight < 65535)];
    for (const [word, step] of [
      [out, cut - 1],
      [kept, cut],
    ]) {
      const { broken } = cheat(first, {
        witness: (witness) => {
          (witness.get("step") as Int32Array)[3 * words + word] = step;
          (witness.get("weight") as Int32Array)[3 * words + word] = table.weights[step];
        },
      });
      expect(broken).toContain("gap.low < 2^14");
    }
    // by an excess that a kept word may not have
    const { broken } = cheat(first, {
      witness: (witness) => {
        (witness.get("excess") as Int32Array)[3 * words + kept] = 1;
        (witness.get("step") as Int32Array)[3 * words + kept] -= 2 ** LOG_KEPT;
      },
    });
    expect(broken).toEqual(expect.arrayContaining(["left out", "weight"]));
  });
});

test("words at the edge of min-p are kept up to the last step, and left out from the next", () => {
  const cut = table.weights.indexOf(0) * 2 ** table.shift;
  const weights = wordWeights(Int32Array.of(0, 1 - cut, -cut), table);
  expect([weights[1] > 0, weights[2]]).toEqual([true, 0]);
});

test("tied words have the same weight, and either may be drawn and proven", () => {
  const model = attackedModel();
  const { dim } = model.config;
  const head = model.weights.head.slice();
  const best = first.rows.events.logits.subarray(2 * vocab, 3 * vocab);
  const top = best.indexOf(Math.max(...best));
  const twin = (top + 1) % vocab;
  head.set(head.subarray(top * dim, (top + 1) * dim), twin * dim);
  const tied = { ...model, weights: { ...model.weights, head } };
  const drawn = new Set<number>();
  for (let seed = 0; drawn.size < 2; seed++) {
    const [rows] = decodeSegments(tied, 2, PROMPT, 4, { ...sampler, seed });
    const logits = rows.events.logits.subarray(2 * vocab, 3 * vocab);
    const choice = rows.choices[2];
    const weights = wordWeights(logits, table);
    expect(weights[top]).toBe(weights[twin]);
    if ((choice !== top && choice !== twin) || drawn.has(choice)) continue;
    drawn.add(choice);
    const { session, segments } = honestRun(tied, { rows: 4, sampler: { ...sampler, seed } });
    expect(verifyChain(session, [segments[0].proof])).toMatchObject({ ok: true });
  }
}, 60000);

describe("no second solution modulo p", () => {
  test("gaps: (step, excess, low), and none for a negative one", () => {
    for (const shift of [1, 7, 14, MAX_SAMPLING_SHIFT]) {
      const most = 2 ** (30 - LOG_KEPT - shift) - 2; // the largest excess
      const span = 2 ** shift * (2 ** (LOG_KEPT + 1) + 2 ** LOG_KEPT * most);
      // steps, excess and low together give [0, 2^30), which −(2^30 − 2) … −1 are not in, modulo p
      expect(span).toBe(2 ** 30);
      expect(fromInteger(-(2 ** 30 - 2))).toBeGreaterThanOrEqual(span);
    }
  });

  test("limbs: (high, low) of sums below 2^30, and none for a negative one", () => {
    const inverse = inv(2 ** LOG_LIMB);
    const solutions = (x: number) => {
      const found: number[][] = [];
      for (let low = 0; low < 2 ** LOG_LIMB; low++) {
        const high = mul(sub(fromInteger(x), low), inverse);
        if (high < 2 ** 16) found.push([high, low]);
      }
      return found;
    };
    for (const x of [0, 1, 2 ** LOG_LIMB, 12345678, 2 ** 29 - 1, 2 ** 30 - 1])
      expect(solutions(x)).toEqual([[Math.floor(x / 2 ** LOG_LIMB), x % 2 ** LOG_LIMB]]);
    for (const x of [-1, -(2 ** LOG_LIMB), 1 - 2 ** 29, -(2 ** 29)]) expect(solutions(x)).toEqual([]);
  });

  test("products: what is split into limbs stays below 2^30", () => {
    const [limb, total] = [2 ** LOG_LIMB - 1, 2 ** 29 - 1];
    expect(limb * (2 ** LOG_LIMB - 1) + total).toBeLessThan(2 ** 30);
    expect(2 ** 30).toBeLessThan(P);
  });
});

test("a sampled segment of the embedded model has 128 provable bits", async () => {
  const { model } = await embeddedModel();
  const settings = { temperature: 0.8, minP: 0.05, logitScale: model.scales.logit, seed: 1 };
  const session = { profile: DEFAULT_PROFILE, description: model, logSegment: 5, sampler: settings };
  expect(securityReport(session).bits).toBeGreaterThanOrEqual(128);
});

test("the prover and its rules agree on the sampler", () => {
  expect(() =>
    SegmentProver.create(attackedModel(), {
      logSegment: 2,
      promptLength: 3,
      sampler: { ...sampler, minP: 0 },
    }),
  ).toThrow("sampler: expected minP");
  expect(sampleToken(Int32Array.of(5, 5), samplingTable(sampler, 2), [0, 0, 2 ** 13])).toBe(1);
});
