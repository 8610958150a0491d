import { expect, test } from "bun:test";
import { encodeFoldProof } from "../../src/fold/format.ts";
import { StepProver } from "../../src/fold/stepProver.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { availableThreads } from "../../src/kernels/createKernels.ts";
import { termsOf } from "../../src/segment/statement.ts";
import { GPT2 } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { tinySegments } from "./tinySegments.ts";

test("a run of GPT-2's kind, the last segment short: its final proof verifies, and not for other options", () => {
  const run = tinySegments({ model: GPT2, rows: 6 });
  const { session } = run.prover;
  const prover = StepProver.create(session, testProfile, { threads: availableThreads() });
  const [first, second] = run.proofs;
  const terms = termsOf(session);
  const proof = encodeFoldProof(prover.prove(terms, [second], prover.prove(terms, [first], null)));
  prover.close();

  const tokens = run.proofs.flatMap(({ statement }) => statement.tokens);
  const statement = { session, profile: testProfile, key: prover.foldKey, tokens };
  const { pendingToken } = second.statement.boundaryOut;
  expect(verifyFinal(statement, proof)).toEqual({ ok: true, tokens: [...tokens, pendingToken] });
  const { description } = session;
  const config = { ...description.config, positions: "rotary" } as const;
  const rotary = { ...session, description: { ...description, config } };
  expect(verifyFinal({ ...statement, session: rotary }, proof)).toMatchObject({ ok: false });
}, 600_000);
