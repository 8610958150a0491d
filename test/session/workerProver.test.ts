import { describe, expect, test } from "bun:test";
import { openWorkerProver } from "../../src/session/workerProver.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { decodeSegments } from "../segment/tinyRun.ts";
import { testProfile } from "../soundness/testProfile.ts";

const model = tinyModel();

/** What a promise fails with; `.rejects` would stand in the way of the thread's messages. */
function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing failed",
    (error: Error) => error.message,
  );
}

describe("the prover's thread", () => {
  test("a model that cannot be proven is refused with the prover's own words", async () => {
    const options = { logSegment: 9, profile: testProfile };
    expect(await messageOf(openWorkerProver(model, options))).toMatch(/expected .* 16/);
  }, 30_000);

  test("a failing segment fails alone; the thread goes on", async () => {
    const prover = await openWorkerProver(model, { logSegment: 2, profile: testProfile });
    const [first, second] = decodeSegments(model, 2, [1, 4, 5], 8);
    if (!first || !second) throw new Error("expected two segments");
    try {
      const run = prover.begin({ promptLength: 3 });
      const early = run.prove(structuredClone(second));
      const right = run.prove(first);
      expect(await messageOf(early)).toMatch(/position 0/);
      expect((await right).statement.tokens.length).toBe(4);
      expect((await run.prove(second)).statement.boundaryIn.position).toBe(4);
    } finally {
      prover.close();
    }
  }, 30_000);

  test("closing fails what is waited for", async () => {
    const prover = await openWorkerProver(model, { logSegment: 2, profile: testProfile });
    const [first] = decodeSegments(model, 2, [1, 4, 5], 4);
    if (!first) throw new Error("expected a segment");
    const run = prover.begin({ promptLength: 3 });
    const waiting = run.prove(first);
    prover.close();
    expect(await messageOf(waiting)).toBe("the prover was closed");
    expect(await messageOf(run.prove(first))).toBe("the prover was closed");
  }, 30_000);
});
