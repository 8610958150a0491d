import { beforeAll, expect, test } from "bun:test";
import { encodeFoldProof, type FoldProof } from "../../src/fold/format.ts";
import { foldId } from "../../src/fold/foldKey.ts";
import { StepError } from "../../src/fold/expand.ts";
import { StepProver } from "../../src/fold/stepProver.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { availableThreads } from "../../src/kernels/createKernels.ts";
import type { Session } from "../../src/segment/statement.ts";
import { termsOf } from "../../src/segment/statement.ts";
import { attackedSampler as sampler } from "../segment/attackedModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { type TinySegments, tinySegments } from "./tinySegments.ts";

let run: TinySegments;
/** The same model and settings, another seed. */
let other: TinySegments;
let prover: StepProver;

beforeAll(() => {
  run = tinySegments({ rows: 8, sampler });
  other = tinySegments({ rows: 8, sampler: { ...sampler, seed: 8 } });
  prover = StepProver.create(run.prover.session, testProfile, { threads: availableThreads() });
}, 600000);

function fold({ prover: { session }, proofs }: TinySegments): FoldProof {
  let step: FoldProof | null = null;
  for (const segment of proofs) step = prover.prove(termsOf(session), [segment], step);
  return step as FoldProof;
}

function check(session: Session, { proofs }: TinySegments, final: FoldProof) {
  const tokens = proofs.flatMap(({ statement }) => statement.tokens);
  return verifyFinal({ session, profile: testProfile, key: prover.foldKey, tokens }, encodeFoldProof(final));
}

test("runs of every seed are folded by one circuit, and each final proof is of its own seed", () => {
  for (const [one, another] of [
    [run, other],
    [other, run],
  ]) {
    const final = fold(one);
    expect(check(one.prover.session, one, final)).toMatchObject({ ok: true });
    expect(check(another.prover.session, one, final)).toMatchObject({ ok: false });
    const { session } = one.prover;
    for (const change of [{ temperature: 61 }, { minP: 0.41 }, { logitScale: 2 ** 21 }])
      expect(check({ ...session, sampler: { ...sampler, ...change } }, one, final)).toMatchObject({
        ok: false,
      });
    const { sampler: _, ...greedy } = session;
    expect(check(greedy, one, final)).toMatchObject({ ok: false });
  }
}, 600000);

test("a segment of another seed is not folded", () => {
  expect(() => prover.prove(termsOf(run.prover.session), [other.proofs[0]], null)).toThrow(StepError);
});

test("the fold id is the same for every seed, and not the greedy one", () => {
  const idOf = (session: Session) => [...foldId(session, testProfile, prover.foldKey)];
  expect(idOf(run.prover.session)).toEqual(idOf(other.prover.session));
  const { sampler: _, ...greedy } = run.prover.session;
  expect(idOf(run.prover.session)).not.toEqual(idOf(greedy));
});
