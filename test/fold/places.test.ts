import { beforeAll, describe, expect, spyOn, test } from "bun:test";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { StepError } from "../../src/fold/expand.ts";
import { foldId } from "../../src/fold/foldKey.ts";
import { recordStep, type StepRun } from "../../src/fold/recordStep.ts";
import { StepProver } from "../../src/fold/stepProver.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { type TinyChain, tinyChain } from "./tinyChain.ts";

/** Two places a step, three segments: the second step has an empty place. */
let chain: TinyChain;
beforeAll(() => {
  chain = tinyChain(2);
}, 600_000);

const bytesOf = (words: Uint32Array) => Buffer.from(words.buffer, words.byteOffset, words.byteLength);

describe("steps of two segments", () => {
  test("prove their parts of the run, the last one all of it", () => {
    expect(chain.steps.length).toBe(2);
    const whole = chain.part(3);
    expect(chain.check(chain.part(2), chain.steps[0].body)).toMatchObject({ ok: true });
    expect(chain.check(whole, chain.steps[1].body)).toEqual({
      ok: true,
      tokens: [...whole.tokens, whole.last.pendingToken],
    });
    expect(chain.check(chain.part(2), chain.steps[1].body).ok).toBe(false);
    expect(chain.check(whole, chain.steps[0].body).ok).toBe(false);
  }, 60_000);

  test("are one circuit, whether a place is empty or not", () => {
    const [full, half] = [0, 1].map((k) => recordStep(chain.prover.fitted.protocol, chain.stepRun(k)));
    for (const list of ["ops", "lifts", "bits", "compressions", "extended"] as const)
      expect(Buffer.compare(bytesOf(full.circuit[list].words()), bytesOf(half.circuit[list].words()))).toBe(
        0,
      );
    expect([full.failures, half.failures]).toEqual([[], []]);
  }, 60_000);

  test("the fold id names the number of places", () => {
    const { session } = chain.run.prover;
    const key = chain.prover.foldKey;
    expect(key.places).toBe(2);
    expect(foldId(session, testProfile, key)).not.toEqual(
      foldId(session, testProfile, { ...key, places: 1 }),
    );
  });

  test("no segments, more than there are places, or places that there are not", () => {
    const { proofs } = chain.run;
    const terms = { promptLength: 3 };
    expect(() => chain.prover.prove(terms, [], null)).toThrow("expected 1 to 2 segments, got 0");
    expect(() => chain.prover.prove(terms, proofs, null)).toThrow("expected 1 to 2 segments, got 3");
    for (const places of [0, 5, 1.5])
      expect(() => StepProver.create(chain.run.prover.session, testProfile, { places })).toThrow(
        `expected 1 to 4 segments a step, got ${places}`,
      );
  });
});

describe("refused", () => {
  test("segments in the wrong order, with a gap, twice the same", () => {
    const [first, second, third] = chain.run.proofs;
    for (const joined of [
      [second, first],
      [first, third],
      [first, first],
    ])
      expect(() => chain.prover.prove({ promptLength: 3 }, joined, null)).toThrow(StepError);
    expect(() => chain.prover.prove({ promptLength: 3 }, [second, third], chain.steps[0])).toThrow(StepError);
  }, 120_000);

  test("a second segment that was never proven, is changed, or stands in a place called empty", () => {
    const [first, second] = chain.segments;
    const unproven = { ...second, body: new Uint32Array(second.body.length) };
    const changed = { ...second, body: second.body.map((word, k) => (k === 100 ? word ^ 1 : word)) };
    const attacks: Record<string, StepRun> = {
      unproven: chain.stepRun(0, { segments: [first, unproven] }),
      changed: chain.stepRun(0, { segments: [first, changed] }),
      // the place is empty, the run goes to where the second segment ends all the same
      skipped: chain.stepRun(0, { segments: [first] }),
      // the place is used, the run ends before it
      hidden: chain.stepRun(0, {
        statement: chain.statement(0, { last: chain.digestOf(first.statement.boundaryOut) }),
      }),
    };
    for (const [name, attack] of Object.entries(attacks)) {
      expect([name, chain.failuresOf(attack).length > 0]).toEqual([name, true]);
      expect([name, chain.check(chain.part(2), chain.forge(attack)).ok]).toEqual([name, false]);
    }
    expect(chain.failuresOf(attacks.skipped)).toEqual(new Array(8).fill("last boundary"));
  }, 300_000);

  test("every word of the boundary between two segments", () => {
    const [first, second] = chain.segments;
    const { boundaryIn } = second.statement;
    for (const change of [
      { position: 0 },
      { pendingToken: boundaryIn.pendingToken ^ 1 },
      { tokenDigest: boundaryIn.tokenDigest.map((word) => word ^ 1) },
      { context: { ...boundaryIn.context, root: boundaryIn.context.root.map((word) => word ^ 1) } },
      { context: { ...boundaryIn.context, value: [1, 2, 3, 4, 5] as const } },
    ]) {
      const statement = { ...second.statement, boundaryIn: { ...boundaryIn, ...change } };
      const failures = chain.failuresOf(chain.stepRun(0, { segments: [first, { ...second, statement }] }));
      expect(failures).toContain("boundary between segments");
    }
  }, 120_000);

  // Its last boundary would be any point on the line through both.
  test("a place that is neither used nor empty", () => {
    const rows = 4;
    const bits = { place: rows, first: 2 * rows + 1 };
    const honest = CircuitBuilder.prototype.freeElement;
    for (const [name, changed] of Object.entries(bits)) {
      let at = 0;
      const spy = spyOn(CircuitBuilder.prototype, "freeElement").mockImplementation(function (
        this: CircuitBuilder,
        value,
      ) {
        return honest.call(this, at++ === changed ? [2, 0, 0, 0, 0] : value);
      });
      try {
        expect([name, chain.failuresOf(chain.stepRun(0)).filter((check) => check === "bit")]).toEqual([
          name,
          ["bit"],
        ]);
      } finally {
        spy.mockRestore();
      }
      expect(at).toBe(2 * rows + 2);
    }
  }, 60_000);
});
