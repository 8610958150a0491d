import { beforeAll, describe, expect, test } from "bun:test";
import { StepError, type StepProof, StepProver } from "../../src/fold/stepProver.ts";
import { type FinalStatement, verifyFinal } from "../../src/fold/verifyFinal.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { type TinySegments, tinySegments } from "./tinySegments.ts";

let run: TinySegments;
let prover: StepProver;
const steps: StepProof[] = [];
let final: FinalStatement;

beforeAll(() => {
  run = tinySegments();
  const start = performance.now();
  prover = StepProver.create(run.prover.session, testProfile);
  console.log(
    `key in ${Math.round(performance.now() - start)} ms;`,
    prover.fitted.circuit.counts(),
    JSON.stringify(prover.fitted.protocol.circuit.sizes),
  );
  for (const segment of run.proofs) {
    const begin = performance.now();
    steps.push(prover.prove(3, segment, steps.at(-1) ?? null));
    console.log(`step in ${Math.round(performance.now() - begin)} ms`);
  }
  final = {
    promptLength: 3,
    tokens: run.proofs.flatMap(({ statement }) => statement.tokens),
    last: run.proofs[run.proofs.length - 1].statement.boundaryOut,
  };
}, 600000);

const check = (statement: FinalStatement, step: StepProof) =>
  verifyFinal(prover.fitted.protocol, prover.key.name, statement, step.body);

describe("a chain of steps", () => {
  test("the last one alone proves the run", () => {
    const start = performance.now();
    expect(check(final, steps[2])).toEqual({ ok: true });
    console.log(`verified in ${Math.round(performance.now() - start)} ms`);
  });

  test("every proof has one size", () => {
    expect(new Set(steps.map(({ body }) => body.length)).size).toBe(1);
    console.log(`${steps[0].body.length * 4} bytes`);
  });

  test("a segment that does not follow is refused", () => {
    expect(() => prover.prove(3, run.proofs[2], steps[0])).toThrow(StepError);
  });
});
