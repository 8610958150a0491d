import { beforeAll, describe, expect, test } from "bun:test";
import { verifyFinal } from "../../src/fold/verify.ts";
import { encodeSegmentProof } from "../../src/segment/format.ts";
import type { FinalEvent, FoldingEvent, FoldRunEvent } from "../../src/session/events.ts";
import { foldRun } from "../../src/session/foldRun.ts";
import { FoldWriter, readFold, readSteps } from "../../src/session/foldStore.ts";
import type { OpenFold } from "../../src/session/sessionFold.ts";
import { type TinySegments, tinySegments } from "../fold/tinySegments.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { MemoryFileSystem } from "./memoryFileSystem.ts";

let run: TinySegments;
let proofs: Uint8Array[];
const session = () => run.prover.session;

beforeAll(() => {
  run = tinySegments({ rows: 6 });
  run.prover.close();
  proofs = run.proofs.map(encodeSegmentProof);
});

async function messageOf(stream: ReadableStream<FoldRunEvent>): Promise<string> {
  try {
    for await (const _ of stream);
    return "nothing failed";
  } catch (error) {
    return (error as Error).message;
  }
}

/** A prover of steps that proves nothing. */
function fakeFold(step: () => Promise<Uint8Array>, onClose = () => {}): OpenFold {
  const hashes = [
    { log: 8, extended: false },
    { log: 8, extended: true },
  ];
  const sizes = { logOps: 12, logLifts: 10, logBits: 8, logCells: 12, logInputs: 6, hashes };
  return async ({ fixed }) => ({ key: { sizes, name: fixed }, step, close: onClose });
}

describe("foldRun", () => {
  test("in a thread: stops, goes on from the step that is there, ends with a final proof", async () => {
    const fs = new MemoryFileSystem();
    const writer = new FoldWriter(fs, "dir", testProfile);
    const events: FoldRunEvent[] = [];
    for await (const event of foldRun({ session: session(), proofs, profile: testProfile })) {
      events.push(event);
      await writer.write(event);
      if (event.type === "fold") break;
    }
    expect(events.map(({ type }) => type)).toEqual(["folding", "fold"]);
    expect((await fs.list("dir")).sort()).toEqual(["fold-0000.proof", "fold.json"]);

    const steps = [new Uint8Array(100), ...(await readSteps(fs, "dir"))];
    const rest: FoldRunEvent[] = [];
    for await (const event of foldRun({ session: session(), proofs, steps, profile: testProfile })) {
      rest.push(event);
      await writer.write(event);
    }
    expect(rest.map(({ type }) => type)).toEqual(["folding", "fold", "final"]);
    const [begin, step, final] = rest as [FoldingEvent, FoldRunEvent, FinalEvent];
    expect(begin).toMatchObject({ folded: 1, segments: 2, foldId: (events[0] as FoldingEvent).foldId });
    expect(step).toMatchObject({ index: 1, segments: 2 });
    expect(final).toMatchObject({ tokens: 7, proofBytes: final.proof.length, foldId: begin.foldId });
    expect(final.chainSecurity).toBeCloseTo(final.security - 2);
    expect((await fs.list("dir")).sort()).toEqual(["final.proof", "fold.json"]);

    const { key, proof, tokens, profile } = await readFold(fs, "dir", [testProfile]);
    const statement = { session: session(), profile, key, tokens };
    expect(verifyFinal(statement, proof)).toMatchObject({ ok: true });
    expect(verifyFinal({ ...statement, tokens: tokens.with(1, 2) }, proof)).toMatchObject({ ok: false });

    // what is whole needs no further step
    const again: string[] = [];
    const whole = await readSteps(fs, "dir");
    for await (const event of foldRun({ session: session(), proofs, steps: whole, profile: testProfile }))
      again.push(event.type);
    expect(again).toEqual(["folding", "final"]);
  }, 120_000);

  test("a segment that does not verify is named, and nothing is folded", async () => {
    const changed = proofs.map((proof) => proof.slice());
    changed[1][changed[1].length - 9] ^= 1;
    let opened = 0;
    const openFold: OpenFold = async () => {
      opened++;
      throw new Error("unexpected");
    };
    expect(await messageOf(foldRun({ session: session(), proofs: changed, openFold }))).toMatch(
      /^rejected: segment 1: ./,
    );
    expect(await messageOf(foldRun({ session: session(), proofs: proofs.slice(1), openFold }))).toMatch(
      /^rejected: segment 0: incoming boundary: ./,
    );
    expect(opened).toBe(0);
  });

  test("a failing step: a clear error, and the prover is closed", async () => {
    let closed = 0;
    const openFold = fakeFold(
      () => Promise.reject(new Error("out of memory")),
      () => closed++,
    );
    const message = await messageOf(foldRun({ session: session(), proofs, profile: testProfile, openFold }));
    expect(message).toBe("fold 0: the prover failed: out of memory");
    expect(closed).toBe(1);
  });

  test("a prover that lies makes no final proof", async () => {
    const openFold = fakeFold(async () => new Uint8Array(400));
    const message = await messageOf(foldRun({ session: session(), proofs, profile: testProfile, openFold }));
    expect(message).toMatch(/^final proof: final proof format: expected/);
  });

  test("cancelling closes the prover", async () => {
    let closed = 0;
    const openFold = fakeFold(
      () => new Promise(() => {}),
      () => closed++,
    );
    const reader = foldRun({ session: session(), proofs, profile: testProfile, openFold }).getReader();
    await reader.read();
    await reader.cancel();
    expect(closed).toBeGreaterThan(0);
  });
});
