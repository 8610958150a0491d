import { beforeAll, describe, expect, test } from "bun:test";
import { proveCircuit } from "../../src/fold/proveCircuit.ts";
import { recordStep, type StepRun } from "../../src/fold/recordStep.ts";
import { type StepStatement, stepInputs } from "../../src/fold/stepInputs.ts";
import { type FoldProof, decodeFoldProof, encodeFoldProof } from "../../src/fold/format.ts";
import { expandStep, StepError } from "../../src/fold/expand.ts";
import { StepProver } from "../../src/fold/stepProver.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { boundaryDigest, modelId } from "../../src/segment/boundary.ts";
import type { Boundary } from "../../src/segment/statement.ts";
import type { SegmentProof } from "../../src/segment/format.ts";
import { availableThreads } from "../../src/kernels/createKernels.ts";
import { P } from "../../src/field/m31.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { type TinySegments, tinySegments, wholeSegment } from "./tinySegments.ts";

const PROMPT = 3;

let run: TinySegments;
let prover: StepProver;
const steps: FoldProof[] = [];
/** Segment and step proofs as the circuit reads them. */
let whole: { readonly segments: readonly SegmentProof[]; readonly steps: readonly Uint32Array[] };
let final: Part;

/** What a run's first segments state. */
interface Part {
  readonly tokens: readonly number[];
  readonly last: Boundary;
  readonly promptLength: number;
}

beforeAll(() => {
  run = tinySegments();
  const start = performance.now();
  prover = StepProver.create(run.prover.session, testProfile, { threads: availableThreads() });
  const { circuit, protocol } = prover.fitted;
  console.log(`key in ${Math.round(performance.now() - start)} ms;`, circuit.counts());
  console.log(JSON.stringify(protocol.circuit.sizes), `${protocol.circuit.layouts[0].cells} cells`);
  for (const segment of run.proofs) {
    const begin = performance.now();
    steps.push(prover.prove(PROMPT, segment, steps.at(-1) ?? null));
    console.log(`step in ${Math.round(performance.now() - begin)} ms`);
  }
  final = finalOf(run, 3);
  whole = {
    segments: run.proofs.map((proof) => wholeSegment(run, proof)),
    steps: steps.map((step) => expandStep(protocol, PROMPT, prover.key.name, step)),
  };
}, 600000);

function finalOf({ proofs }: TinySegments, count: number): Part {
  const done = proofs.slice(0, count).map(({ statement }) => statement);
  return {
    promptLength: PROMPT,
    tokens: done.flatMap(({ tokens }) => tokens),
    last: done[count - 1].boundaryOut,
  };
}

function check({ tokens, last, promptLength }: Part, body: Uint32Array, key = prover.foldKey) {
  const session = { ...run.prover.session, promptLength };
  const proof = encodeFoldProof({ first: steps[0].first, last, body });
  return verifyFinal({ session, profile: testProfile, key, tokens }, proof);
}

function digestOf(boundary: Boundary): Uint32Array {
  const { session } = run.prover;
  return boundaryDigest(session, modelId(session), boundary);
}

/** Step k as an honest prover would make it, but for what `change` alters. */
function stepRun(k: number, change: Partial<StepRun> = {}): StepRun {
  const last = digestOf(steps[k].last);
  const statement: StepStatement = { key: prover.key.name, first: steps[0].first, last };
  const previous = k === 0 ? null : whole.steps[k - 1];
  return { promptLength: PROMPT, segment: whole.segments[k], previous, statement, ...change };
}

/** The checks that the circuit's values fail. */
const failuresOf = (attack: StepRun) => recordStep(prover.fitted.protocol, attack).failures;

/** The proof of a prover who goes on whatever fails. */
function forge(attack: StepRun): Uint32Array {
  const { memory } = recordStep(prover.fitted.protocol, attack);
  return proveCircuit(prover.key, memory, stepInputs(attack.statement));
}

function changed(body: Uint32Array, at: number): Uint32Array {
  const copy = body.slice();
  copy[at] = (copy[at] + 1) % P;
  return copy;
}

describe("a chain of steps", () => {
  test("the last step alone proves the run", () => {
    const start = performance.now();
    const { pendingToken } = final.last;
    expect(check(final, steps[2].body)).toEqual({ ok: true, tokens: [...final.tokens, pendingToken] });
    console.log(`verified in ${Math.round(performance.now() - start)} ms`);
  });

  test("so does every step before it prove its part", () => {
    expect(check(finalOf(run, 1), steps[0].body)).toMatchObject({ ok: true });
    expect(check(finalOf(run, 2), steps[1].body)).toMatchObject({ ok: true });
  });

  test("a proof survives encoding, other bytes give a verdict", () => {
    const bytes = encodeFoldProof(steps[2]);
    expect(decodeFoldProof(bytes)).toEqual(steps[2]);
    const statement = {
      session: run.prover.session,
      profile: testProfile,
      key: prover.foldKey,
      tokens: final.tokens,
    };
    for (const length of [0, 3, 4, 100, bytes.length - 4, bytes.length - 1])
      expect([length, verifyFinal(statement, bytes.subarray(0, length)).ok]).toEqual([length, false]);
  });

  test("every proof has one size", () => {
    expect(new Set(whole.steps.map(({ length }) => length)).size).toBe(1);
    console.log(`${steps[0].body.length * 4} bytes`);
  });

  test("one circuit for all runs", () => {
    const circuits = [0, 1, 2].map((k) => recordStep(prover.fitted.protocol, stepRun(k)).circuit);
    for (const list of ["ops", "lifts", "bits", "compressions", "extended"] as const)
      for (const circuit of circuits)
        expect(Buffer.compare(bytesOf(circuit[list].words()), bytesOf(circuits[0][list].words()))).toBe(0);
  });
});

const bytesOf = (words: Uint32Array) => Buffer.from(words.buffer, words.byteOffset, words.byteLength);

describe("the circuit refuses", () => {
  test("a changed segment proof or step proof", () => {
    const segment = whole.segments[1];
    for (let at = 0; at < segment.body.length; at += 6007) {
      const failures = failuresOf(stepRun(1, { segment: { ...segment, body: changed(segment.body, at) } }));
      expect([at, failures.length > 0]).toEqual([at, true]);
    }
    for (let at = 0; at < whole.steps[0].length; at += 4001) {
      const failures = failuresOf(stepRun(1, { previous: changed(whole.steps[0], at) }));
      expect([at, failures.length > 0]).toEqual([at, true]);
    }
  }, 60000);

  test("segments in another order, with a gap, or twice", () => {
    expect(failuresOf(stepRun(1, { segment: whole.segments[0] }))).not.toEqual([]);
    expect(failuresOf(stepRun(2, { previous: whole.steps[0] }))).not.toEqual([]);
    expect(failuresOf(stepRun(1, { previous: whole.steps[1] }))).not.toEqual([]);
    expect(() => prover.prove(PROMPT, run.proofs[2], steps[0])).toThrow(StepError);
  });

  test("a first step that hides a predecessor", () => {
    // The segment's own start is then the first boundary; genesis is not.
    expect(failuresOf(stepRun(1, { previous: null }))).toContain("first boundary");
  });

  test("a step with another key, and with a prompt of another length", () => {
    const key = { ...prover.key.name, root: [1, ...prover.key.name.root.slice(1)] };
    const statement = { ...stepRun(1).statement, key };
    expect(failuresOf(stepRun(1, { statement }))).not.toEqual([]);
    expect(failuresOf(stepRun(1, { promptLength: PROMPT + 1 }))).not.toEqual([]);
  });

  test("a segment of another model", () => {
    const other = tinySegments({ model: { seed: 2 }, rows: 4 });
    expect(failuresOf(stepRun(0, { segment: wholeSegment(other, other.proofs[0]) }))).not.toEqual([]);
  });
});

describe("the final verifier refuses", () => {
  test("other tokens, another end, another prompt, another key", () => {
    const [body] = [steps[2].body];
    const tokens = final.tokens.map((token, k) => (k === 4 ? token ^ 1 : token));
    expect(check({ ...final, tokens }, body)).toMatchObject({ ok: false });
    expect(check({ ...final, tokens: final.tokens.slice(0, 8) }, body)).toMatchObject({ ok: false });
    expect(check({ ...final, promptLength: 2 }, body)).toMatchObject({ ok: false });
    const last = { ...final.last, pendingToken: (final.last.pendingToken + 1) % 13 };
    expect(check({ ...final, last }, body)).toMatchObject({ ok: false });
    const context = { ...final.last.context, root: final.last.context.root.map((word) => word ^ 1) };
    expect(check({ ...final, last: { ...final.last, context } }, body)).toMatchObject({ ok: false });
    const name = { ...prover.key.name, root: [1, ...prover.key.name.root.slice(1)] };
    expect(check(final, body, { ...prover.foldKey, name })).toMatchObject({ ok: false });
  });

  test("numbers that are congruent, fractional, missing or huge, in profile, session and key", () => {
    const proof = encodeFoldProof({ first: steps[0].first, last: final.last, body: steps[2].body });
    const session = { ...run.prover.session, promptLength: PROMPT };
    const honest = { session, profile: testProfile, key: prover.foldKey, tokens: final.tokens };
    expect(verifyFinal(honest, proof).ok).toBe(true);
    const { key } = honest;
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

  test("the proof of a part for the whole, and changed bytes", () => {
    expect(check(final, steps[1].body)).toMatchObject({ ok: false });
    expect(check(finalOf(run, 2), steps[2].body)).toMatchObject({ ok: false });
    for (let at = 0; at < steps[2].body.length; at += 1009)
      expect([at, check(final, changed(steps[2].body, at)).ok]).toEqual([at, false]);
    expect(check(final, steps[2].body.subarray(1))).toMatchObject({ ok: false });
    expect(check(final, new Uint32Array(0))).toMatchObject({ ok: false });
  }, 60000);

  test("provers who go on whatever fails", () => {
    const attacks: Record<string, [StepRun, Part]> = {
      "a hidden predecessor": [stepRun(1, { previous: null }), finalOf(run, 2)],
      "a gap": [stepRun(2, { previous: whole.steps[0] }), final],
      "no step proof": [stepRun(1, { previous: new Uint32Array(whole.steps[0].length) }), finalOf(run, 2)],
    };
    for (const [name, [attack, statement]] of Object.entries(attacks)) {
      const verdict = check(statement, forge(attack));
      console.log(`${name}: ${verdict.ok ? "accepted" : verdict.check}`);
      expect([name, verdict.ok]).toEqual([name, false]);
    }
  }, 600000);
});
