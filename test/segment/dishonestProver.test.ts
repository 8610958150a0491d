import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { PublicDefinition } from "../../src/air/air.ts";
import type { SegmentRows } from "../../src/decode/recorder.ts";
import { fixedTables } from "../../src/decode/fixedTables.ts";
import type { CarriedContext } from "../../src/decode/segmentWitness.ts";
import { Attention } from "../../src/model/attention.ts";
import { Decoder } from "../../src/model/decoder.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import { modelIdOf, verifyChain } from "../../src/segment/verify.ts";
import { commitOracle, nameOracle } from "../../src/whir/commit.ts";
import { attackedModel } from "./attackedModel.ts";
import { forge, type HonestRun, type HonestSegment, honestRun, otherRun } from "./attacks.ts";
import { BEFORE, decode, openAs, PROMPT, rejected, secondBest } from "./chainRun.ts";

let run: HonestRun;
let first: HonestSegment;
let second: HonestSegment;
let last: HonestSegment;
let proofs: Uint8Array[];

beforeAll(() => {
  run = honestRun(attackedModel());
  [first, second, last] = run.segments;
  proofs = run.segments.map(({ proof }) => proof);
});

const chain = (list: readonly Uint8Array[]) => verifyChain(run.session, list, modelIdOf(run.session));

describe("a prover that", () => {
  test("emits the second-best token, and consumes it, is rejected", () => {
    for (const at of [2, 5, 7]) {
      const parts = decode(run.model, PROMPT, 8, {
        choose: (position, logits, choice) => (position === at ? secondBest(logits) : choice),
      });
      const segment = at < 4 ? first : second;
      const { verdict, broken } = forge(
        run,
        { ...segment, rows: parts[at < 4 ? 0 : 1] },
        { incoming: true, explain: true },
      );
      expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
      expect(broken).toEqual(expect.arrayContaining(["lead1 < 2^14"]));
    }
  });

  test("breaks a tie towards the higher index is rejected", () => {
    const model = attackedModel();
    const [rows] = decode(model, PROMPT, 4);
    const { dim, vocab } = model.config;
    const best = rows.choices[2];
    const twin = (best + 1) % vocab; // two equal rows of the head: equal logits everywhere
    const head = model.weights.head.slice();
    head.set(head.subarray(best * dim, (best + 1) * dim), twin * dim);
    const tied = { ...model, weights: { ...model.weights, head } };
    const tiedRun = honestRun(tied, { rows: 4 });
    const [segment] = tiedRun.segments;
    expect(verifyChain(tiedRun.session, [segment.proof])).toMatchObject({ ok: true });
    const [low, high] = [Math.min(best, twin), Math.max(best, twin)];
    expect(segment.rows.choices[2]).toBe(low);
    const [wrong] = decode(tied, PROMPT, 4, {
      choose: (position, _, choice) => (position === 2 ? high : choice),
    });
    const { verdict, broken } = forge(
      tiedRun,
      { ...segment, rows: wrong },
      { incoming: true, explain: true },
    );
    expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
    expect(broken).toContain("lead1 < 2^14");
  });

  describe("attends to a future position", () => {
    const { attend } = Attention.prototype;
    afterEach(() => {
      Attention.prototype.attend = attend;
    });

    const prompt = [1, 5, 3, 8, 2, 6, 9];

    /** Row 4 sees position 5, in these layers. As position 5 sees what row 4 made of it, this takes some rounds. */
    function peeking(layers: readonly number[]): SegmentRows {
      const decoder = new Decoder(run.model);
      decode(run.model, prompt, 8, { decoder });
      Attention.prototype.attend = function (q, context, layer, position) {
        attend.call(this, q, context, layer, layers.includes(layer) && position === 4 ? 5 : position);
      };
      let parts: SegmentRows[] = [];
      for (let round = 0; round <= layers.length; round++) {
        decoder.rewind(0);
        parts = decode(run.model, prompt, 8, { decoder });
      }
      return parts[1];
    }

    test("is rejected", () => {
      const longer = otherRun(run, prompt, 8);
      const rows = peeking([2]);
      const { verdict, broken } = forge(
        longer,
        { ...longer.segments[1], rows },
        { incoming: true, explain: true },
      );
      expect(broken).toEqual(["hidden"]);
      expect(verdict).toMatchObject({ ok: false, check: "sumcheck/hidden" });
    });

    test("is rejected too if the prover's own mask lets it, so that nothing is broken in its eyes", () => {
      const longer = otherRun(run, prompt, 8);
      const rows = peeking([0, 1, 2]);
      const visible = run.key.protocol.air.tensors.get("visible")?.source as { definition: PublicDefinition };
      const { definition } = visible;
      visible.definition = {
        ...definition,
        values: (inputs) => {
          const values = Uint8Array.from(definition.values(inputs));
          values[5] = 1; // row 0 of the segment, position 5
          return values;
        },
      };
      try {
        const { verdict, broken } = forge(
          longer,
          { ...longer.segments[1], rows },
          { incoming: true, explain: true },
        );
        expect(broken).toEqual([]);
        expect(verdict).toMatchObject({ ok: false, check: "sumcheck/score.remainder" });
      } finally {
        visible.definition = definition;
      }
    });
  });

  describe("forges a past K or V row", () => {
    /** The last segment's rows, decoded with another key at position 2 of layer 1. */
    function forgedRows(): { rows: SegmentRows; contextIn: CarriedContext } {
      const { kvHeads, headDim, capacity } = run.model.config;
      const width = kvHeads * headDim;
      const parts = decode(run.model, PROMPT, 10, {
        before: (position, decoder) => {
          if (position === BEFORE) decoder.context.keys[(capacity + 2) * width] = 1500;
        },
      });
      const keys = last.contextIn.keys.slice();
      const { logs } = run.key.protocol.air.tensors.get("contextOut.keys") ?? { logs: [] };
      const size = logs.slice(3).reduce((cells, log) => cells * 2 ** log, 1);
      keys[(2 * 2 ** logs[2] + 1) * size] = 1500; // block 0, place 2, layer 1
      return { rows: parts[2], contextIn: { keys, values: last.contextIn.values } };
    }

    const consumed = ({ rows }: { rows: SegmentRows }) => ({ ...rows, tokens: last.rows.tokens });

    test("under its honest name: rejected by the opening", () => {
      const forged = forgedRows();
      const segment = { ...last, ...forged, rows: consumed(forged) };
      const { verdict, broken } = forge(run, segment, {
        incoming: true,
        explain: true,
        prepared: openAs(run, "contextIn", last.contextIn),
      });
      expect(broken).toEqual([]);
      expect(verdict).toMatchObject({ ok: false, check: "whir/final" });
    });

    test("under its own name: rejected by the chain", () => {
      const forged = forgedRows();
      const { verdict, proof } = forge(
        run,
        { ...last, ...forged, rows: consumed(forged) },
        {
          statement: (honest, context) => ({ ...honest, boundaryIn: { ...honest.boundaryIn, context } }),
        },
      );
      expect(verdict.ok).toBe(true); // true of the boundary that it names
      rejected(chain([proofs[0], proofs[1], proof]), 2, "incoming boundary");
    });

    test("in the outgoing context only: rejected by the rules", () => {
      const forged = forgedRows();
      const { verdict, broken } = forge(
        run,
        { ...last, ...forged, rows: consumed(forged) },
        {
          incoming: true,
          explain: true,
          witness: (witness) => witness.set("contextIn.keys", last.contextIn.keys.slice()),
        },
      );
      expect(broken).toEqual(["carried.keys"]);
      expect(verdict).toMatchObject({ ok: false, check: "claim/carried.keys" });
    });
  });

  test("commits other weights and claims the honest root is rejected", () => {
    const wq = run.model.weights.wq.slice();
    wq[run.model.config.dim ** 2 + 1] += 1;
    const model = { ...run.model, weights: { ...run.model.weights, wq } };
    const [rows] = decode(model, PROMPT, 4);
    const { prover, protocol, fixed } = run.key;
    const mark = prover.arena.mark();
    const words = placeOracle(prover, protocol.layouts[3], fixedTables(model, protocol.air));
    const committed = commitOracle(prover, words, protocol.opening.oracles[3]);
    const { root } = fixed.committed;
    const { outOfDomain, outOfDomainColumns } = nameOracle(protocol.opening, 3, {
      ...committed,
      root,
    });
    const constants = new Map(run.key.constants);
    for (const { tensor, offset } of protocol.layouts[3].places) constants.set(tensor, words + 4 * offset);
    for (const claim of [outOfDomain, fixed.outOfDomain]) {
      const key = {
        ...run.key,
        constants,
        fixed: { committed: { ...committed, root }, outOfDomain: claim, outOfDomainColumns },
      };
      const { verdict, broken } = forge(
        { ...run, key },
        { ...first, rows },
        { incoming: true, explain: true },
      );
      expect(broken).toEqual([]);
      expect(verdict).toMatchObject({ ok: false, check: "whir/fixed/row" });
    }
    prover.arena.release(mark);
  });

  test("takes a generated row for the prompt's is rejected", () => {
    // With a prompt of five tokens, the tokens at 3 and 4 could be anything.
    const session = { ...run.session, promptLength: 5 };
    const prompt = [...PROMPT, (first.rows.choices[2] + 1) % 13, 0];
    const [rows] = decode(run.model, prompt, 4);
    const forgery = forge(run, { ...first, rows }, { session });
    expect(forgery.statement.boundaryOut.pendingToken).toBe(0xffffffff);
    rejected(chain([forgery.proof]), 0, "statement/outgoing pending token");
    const pending = forge(
      run,
      { ...first, rows },
      {
        session,
        statement: (honest) => ({ ...honest, boundaryOut: { ...honest.boundaryOut, pendingToken: 0 } }),
      },
    );
    rejected(chain([pending.proof]), 0, "lookup/layer");
    // The honest second segment, proven for another prompt length.
    const shifted = forge(run, second, { session: { ...run.session, promptLength: 2 } });
    rejected(chain([proofs[0], shifted.proof]), 1, "lookup/layer");
  });

  test("makes a dead row live, or a live one dead, is rejected", () => {
    const [, , three] = decode(run.model, PROMPT, 11);
    const hidden = forge(
      run,
      { ...last, rows: three },
      {
        incoming: true,
        explain: true,
        // three rows at work, two of them stated
        statement: (honest) => ({
          ...honest,
          tokens: last.statement.tokens,
          boundaryOut: { ...last.statement.boundaryOut, context: honest.boundaryOut.context },
        }),
      },
    );
    expect(hidden.verdict.ok).toBe(false);
    expect(hidden.broken).toContain("embedded");
    const absent = forge(run, last, {
      incoming: true,
      explain: true,
      statement: (honest) => ({
        ...honest,
        tokens: [...honest.tokens, honest.boundaryOut.pendingToken],
        boundaryOut: { ...honest.boundaryOut, position: BEFORE + 3 },
      }),
    });
    expect(absent.verdict.ok).toBe(false);
  });
});
