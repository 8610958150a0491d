import { beforeAll, describe, expect, test } from "bun:test";
import { decodeFoldProof, encodeFoldProof } from "../../src/fold/format.ts";
import { recordStep } from "../../src/fold/recordStep.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { raised, type TinyChain, tinyChain } from "./tinyChain.ts";

let chain: TinyChain;
beforeAll(() => {
  chain = tinyChain();
}, 600_000);

const bytesOf = (words: Uint32Array) => Buffer.from(words.buffer, words.byteOffset, words.byteLength);

describe("a chain of steps", () => {
  test("the last step alone proves the run", () => {
    const part = chain.part(3);
    const start = performance.now();
    const verdict = chain.check(part, chain.steps[2].body);
    console.log(`verified in ${Math.round(performance.now() - start)} ms`);
    expect(verdict).toEqual({ ok: true, tokens: [...part.tokens, part.last.pendingToken] });
  });

  test("so does every step before it prove its part", () => {
    for (const count of [1, 2])
      expect(chain.check(chain.part(count), chain.steps[count - 1].body)).toMatchObject({ ok: true });
  });

  test("a proof survives encoding, other bytes give a verdict", () => {
    const bytes = encodeFoldProof(chain.steps[2]);
    expect(decodeFoldProof(bytes)).toEqual(chain.steps[2]);
    const { session } = chain.run.prover;
    const { tokens } = chain.part(3);
    const statement = { session, profile: testProfile, key: chain.prover.foldKey, tokens };
    for (const length of [0, 3, 4, 100, bytes.length - 4, bytes.length - 1])
      expect([length, verifyFinal(statement, bytes.subarray(0, length)).ok]).toEqual([length, false]);
  });

  test("every proof has one size", () => {
    expect(new Set(chain.previous.map(({ length }) => length)).size).toBe(1);
    console.log(`${chain.steps[0].body.length * 4} bytes`);
  });

  test("one circuit for all runs", () => {
    const circuits = [0, 1, 2].map((k) => recordStep(chain.prover.fitted.protocol, chain.stepRun(k)).circuit);
    for (const list of ["ops", "lifts", "bits", "compressions", "extended"] as const)
      for (const circuit of circuits)
        expect(Buffer.compare(bytesOf(circuit[list].words()), bytesOf(circuits[0][list].words()))).toBe(0);
  }, 60_000);
});

describe("the final verifier refuses", () => {
  test("other tokens, another end, another prompt, another key", () => {
    const final = chain.part(3);
    const { body } = chain.steps[2];
    expect(chain.check(final, body).ok).toBe(true);
    for (const at of final.tokens.keys()) {
      const tokens = final.tokens.map((token, k) => (k === at ? token ^ 1 : token));
      expect(chain.check({ ...final, tokens }, body)).toMatchObject({
        ok: false,
        check: "final/token digest",
      });
    }
    const { tokens, last } = final;
    for (const others of [tokens.slice(0, 8), tokens.slice(1), [...tokens, last.pendingToken], []])
      expect(chain.check({ ...final, tokens: others }, body).ok).toBe(false);
    expect(chain.check({ ...final, tokens: tokens.toReversed() }, body).ok).toBe(false);
    expect(chain.check({ ...final, promptLength: 2 }, body)).toMatchObject({ ok: false });
    const pending = { ...last, pendingToken: (last.pendingToken + 1) % 13 };
    expect(chain.check({ ...final, last: pending }, body)).toMatchObject({ ok: false });
    const context = { ...last.context, root: last.context.root.map((word) => word ^ 1) };
    expect(chain.check({ ...final, last: { ...last, context } }, body)).toMatchObject({ ok: false });
    const { name } = chain.prover.foldKey;
    const other = { ...chain.prover.foldKey, name: { ...name, root: [1, ...name.root.slice(1)] } };
    expect(chain.check(final, body, other)).toMatchObject({ ok: false });
  }, 60_000);

  test("numbers that are congruent, fractional, missing or huge, in profile, session and key", () => {
    const { session } = chain.run.prover;
    const proof = encodeFoldProof(chain.steps[2]);
    const key = chain.prover.foldKey;
    const honest = { session, profile: testProfile, key, tokens: chain.part(3).tokens };
    expect(verifyFinal(honest, proof).ok).toBe(true);
    for (const change of [2 ** 32, -(2 ** 32), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const altered = [
        { ...honest, profile: { ...testProfile, queryGrinding: testProfile.queryGrinding + change } },
        {
          ...honest,
          session: { ...session, profile: { ...testProfile, logFinal: testProfile.logFinal + change } },
        },
        { ...honest, session: { ...session, logSegment: session.logSegment + change } },
        { ...honest, key: { ...key, sizes: { ...key.sizes, logOps: key.sizes.logOps + change } } },
        { ...honest, key: { ...key, name: { ...key.name, root: key.name.root.map((w) => w + change) } } },
      ];
      for (const statement of altered)
        expect(verifyFinal(statement, proof)).toMatchObject({ ok: false, check: "session" });
    }
  });

  test("the proof of a part for the whole, and changed words", () => {
    const final = chain.part(3);
    const { body } = chain.steps[2];
    expect(chain.check(final, chain.steps[1].body)).toMatchObject({ ok: false });
    expect(chain.check(chain.part(2), body)).toMatchObject({ ok: false });
    for (let at = 0; at < body.length; at += 499)
      expect([at, chain.check(final, raised(body, at)).ok]).toEqual([at, false]);
    expect(chain.check(final, body.subarray(1))).toMatchObject({ ok: false });
    expect(chain.check(final, new Uint32Array(0))).toMatchObject({ ok: false });
  }, 120_000);
});
