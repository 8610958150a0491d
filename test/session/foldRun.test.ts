import { beforeAll, describe, expect, test } from "bun:test";
import { verifyFinal } from "../../src/fold/verify.ts";
import { encodeSegmentProof } from "../../src/segment/format.ts";
import type { FinalEvent, FoldingEvent, FoldRunEvent } from "../../src/session/events.ts";
import { Folding } from "../../src/session/folding.ts";
import { foldRun } from "../../src/session/foldRun.ts";
import { FoldWriter, readFold, readSteps } from "../../src/session/foldStore.ts";
import type { OpenFold, SessionFold } from "../../src/session/sessionFold.ts";
import { segmentName } from "../../src/session/store.ts";
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

/** Segments that are all there. */
const streamOf = (segments: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const segment of segments) controller.enqueue(segment);
      controller.close();
    },
  });
const all = () => streamOf(proofs);

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function messageOf(stream: ReadableStream<FoldRunEvent>): Promise<string> {
  try {
    for await (const _ of stream);
    return "nothing failed";
  } catch (error) {
    return (error as Error).message;
  }
}

/** A prover of steps that proves nothing. */
function fakeFold(step: SessionFold["step"], onClose = () => {}): OpenFold {
  const hashes = [
    { log: 8, extended: false },
    { log: 8, extended: true },
  ];
  const sizes = { logOps: 12, logLifts: 10, logBits: 8, logCells: 12, logInputs: 6, hashes };
  return async ({ fixed }, _profile, places) => ({
    key: { places, sizes, name: fixed },
    step,
    close: onClose,
  });
}

describe("foldRun", () => {
  test("in a thread: stops, goes on from the step that is there, ends with a final proof", async () => {
    const fs = new MemoryFileSystem();
    const writer = new FoldWriter(fs, "dir", testProfile);
    const events: FoldRunEvent[] = [];
    for await (const event of foldRun({ session: session(), segments: all(), profile: testProfile })) {
      events.push(event);
      await writer.write(event);
      if (event.type === "fold") break;
    }
    expect(events.map(({ type }) => type)).toEqual(["folding", "fold"]);
    expect(await fs.list("dir")).toEqual(["fold-0000.proof"]);

    // of two steps, the first is real
    const kept = await readSteps(fs, "dir");
    const longer = kept[0].slice();
    new Uint32Array(longer.buffer)[10] = 6;
    const steps = [new Uint8Array(100), longer, ...kept];
    const rest: FoldRunEvent[] = [];
    for await (const event of foldRun({ session: session(), segments: all(), steps, profile: testProfile })) {
      rest.push(event);
      await writer.write(event);
    }
    expect(rest.map(({ type }) => type)).toEqual(["folding", "fold", "final"]);
    const [begin, step, final] = rest as [FoldingEvent, FoldRunEvent, FinalEvent];
    expect(begin).toEqual(events[0] as FoldingEvent);
    expect(step).toMatchObject({ index: 1, level: 2 });
    const { foldId } = begin;
    expect(final).toMatchObject({ segments: 2, tokens: 7, proofBytes: final.proof.length, foldId });
    expect(final.chainSecurity).toBeCloseTo(final.security - 2);
    expect((await fs.list("dir")).sort()).toEqual(["final.proof", "fold.json"]);

    const { key, proof, tokens, profile } = await readFold(fs, "dir", [testProfile]);
    const statement = { session: session(), profile, key, tokens };
    expect(verifyFinal(statement, proof)).toMatchObject({ ok: true });
    expect(verifyFinal({ ...statement, tokens: tokens.with(1, 2) }, proof)).toMatchObject({ ok: false });

    // what is whole needs no further step
    const again: string[] = [];
    const whole = await readSteps(fs, "dir");
    for await (const event of foldRun({
      session: session(),
      segments: all(),
      steps: whole,
      profile: testProfile,
    }))
      again.push(event.type);
    expect(again).toEqual(["folding", "final"]);
  }, 240_000);

  test("steps are made while segments still come; each waits where it is until then", async () => {
    const made: (() => void)[] = [];
    const openFold = fakeFold(
      () => new Promise((resolve) => made.push(() => resolve(Uint8Array.of(made.length)))),
    );
    let taken = 0;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
      transform(segment, controller) {
        taken++;
        controller.enqueue(segment);
      },
    });
    const segments = writable.getWriter();
    const events = foldRun({ session: session(), segments: readable, profile: testProfile, openFold });
    const reader = events.getReader();
    expect((await reader.read()).value).toMatchObject({ type: "folding" });
    const first = reader.read();
    await settle();
    expect(made.length).toBe(0); // nothing to fold yet
    for (const segment of proofs) segments.write(segment).catch(() => {});
    await settle();
    expect([made.length, taken]).toEqual([1, 1]); // the second waits with whoever wrote it
    made[0]();
    expect((await first).value).toMatchObject({ type: "fold", index: 0, level: 1 });
    const second = reader.read();
    await settle();
    expect([made.length, taken]).toEqual([2, 2]);
    made[1]();
    expect((await second).value).toMatchObject({ type: "fold", index: 1, level: 2 });
    await reader.cancel();
  });

  test("a fold that keeps pace has one segment left when the run ends", async () => {
    const openFold = fakeFold(async () => new Uint8Array(400));
    let over = false;
    const slow = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const segment of proofs) {
          await settle();
          controller.enqueue(segment);
        }
        over = true;
        controller.close();
      },
    });
    const left: boolean[] = [];
    const events = foldRun({ session: session(), segments: slow, profile: testProfile, openFold });
    const reading = (async () => {
      for await (const { type } of events) if (type === "fold") left.push(over);
    })();
    await expect(reading).rejects.toThrow("final proof");
    expect(left).toEqual([false, true]);
  });

  test("a step takes as many segments as it has places, the last one what is left", async () => {
    const three = tinySegments({ rows: 10 }).proofs.map(encodeSegmentProof);
    expect(three.length).toBe(3);
    const joined: number[] = [];
    const openFold = fakeFold(async (_terms, segments) => {
      joined.push(segments.length);
      return new Uint8Array(400);
    });
    const told: [number, number][] = [];
    const options = { session: session(), segments: streamOf(three), profile: testProfile, openFold };
    const reading = (async () => {
      for await (const event of foldRun({ ...options, places: 2 })) {
        if (event.type === "folding") expect(event.key.places).toBe(2);
        if (event.type === "fold") told.push([event.index, event.level]);
      }
    })();
    await expect(reading).rejects.toThrow("final proof");
    expect(joined).toEqual([2, 1]);
    expect(told).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  test("steps of two segments, in a directory: stops, goes on, ends with a final proof", async () => {
    const { prover, proofs } = tinySegments({ rows: 10 });
    prover.close();
    const fs = new MemoryFileSystem();
    for (const [index, proof] of proofs.entries())
      await fs.write(`dir/${segmentName(index)}`, encodeSegmentProof(proof));
    const options = { fs, directory: "dir", session: session(), profile: testProfile, places: 2 };
    const shown: FoldRunEvent[] = [];
    const stopped = Promise.withResolvers<void>();
    const started = await Folding.start(options, (event) => {
      shown.push(event);
      if (event.type === "fold") stopped.resolve();
    });
    for (const index of [0, 1]) started.add(index);
    await stopped.promise;
    await started.cancel();
    expect(await fs.list("dir")).toContain("fold-0001.proof");

    const folding = await Folding.start(options, (event) => shown.push(event));
    for (const index of proofs.keys()) folding.add(index);
    await folding.finish();
    expect(shown.map(({ type }) => type)).toEqual(["folding", "fold", "folding", "fold", "final"]);
    expect(shown[1]).toMatchObject({ index: 1, level: 2 });
    expect(shown[3]).toMatchObject({ index: 2, level: 3 });
    const { key, proof, tokens } = await readFold(fs, "dir", [testProfile]);
    expect(key.places).toBe(2);
    const statement = { session: session(), profile: testProfile, key, tokens };
    expect(verifyFinal(statement, proof)).toMatchObject({ ok: true });
  }, 240_000);

  test("segments out of order, twice, or none: named, and nothing of them is folded", async () => {
    let steps = 0;
    const openFold = fakeFold(async () => Uint8Array.of(++steps));
    const fold = (segments: readonly Uint8Array[]) =>
      messageOf(
        foldRun({ session: session(), segments: streamOf(segments), profile: testProfile, openFold }),
      );
    expect(await fold([proofs[1]])).toMatch(/^segment 0: incoming boundary: expected/);
    expect(await fold([new Uint8Array(8)])).toMatch(/^segment 0: proof format: expected/);
    expect(await fold([])).toBe("segments: expected at least one, found none");
    expect(steps).toBe(0);
    expect(await fold([proofs[0], proofs[0]])).toMatch(/^segment 1: incoming boundary: expected/);
    expect(steps).toBe(1);
  });

  test("a segment that does not verify makes no step", async () => {
    const changed = proofs[0].slice();
    changed[changed.length - 9] ^= 1;
    const options = { session: session(), segments: streamOf([changed]), profile: testProfile, inline: true };
    expect(await messageOf(foldRun(options))).toMatch(
      /^fold 0: the prover failed: fold: expected .* segment: /,
    );
  }, 120_000);

  test("the run breaks off: so does folding, after the steps that are made", async () => {
    const openFold = fakeFold(async () => new Uint8Array(400));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const segments = writable.getWriter();
    const events = foldRun({ session: session(), segments: readable, profile: testProfile, openFold });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { type } of events) {
        seen.push(type);
        if (type === "fold") segments.abort(new Error("the run was stopped")).catch(() => {});
      }
    })();
    segments.write(proofs[0]).catch(() => {});
    await expect(reading).rejects.toThrow("the run was stopped");
    expect(seen).toEqual(["folding", "fold"]);
  });

  test("a failing step: a clear error, and the prover is closed", async () => {
    let closed = 0;
    const openFold = fakeFold(
      () => Promise.reject(new Error("out of memory")),
      () => closed++,
    );
    const message = await messageOf(
      foldRun({ session: session(), segments: all(), profile: testProfile, openFold }),
    );
    expect(message).toBe("fold 0: the prover failed: out of memory");
    expect(closed).toBe(1);
  });

  test("a prover that lies makes no final proof", async () => {
    const openFold = fakeFold(async () => new Uint8Array(400));
    const message = await messageOf(
      foldRun({ session: session(), segments: all(), profile: testProfile, openFold }),
    );
    expect(message).toMatch(/^final proof: final proof format: expected/);
  });

  test("cancelling closes the prover and tells who writes the segments", async () => {
    for (const segments of [[], [proofs[0]]]) {
      let closed = 0;
      let cancelled = 0;
      let end = () => {};
      const openFold = fakeFold(
        () =>
          new Promise((_, reject) => {
            end = () => reject(new Error("the folding prover was closed"));
          }),
        () => {
          closed++;
          end();
        },
      );
      const source = new ReadableStream<Uint8Array>({
        start: (controller) => segments.forEach((segment) => controller.enqueue(segment)),
        cancel: () => {
          cancelled++;
        },
      });
      const options = { session: session(), segments: source, profile: testProfile, openFold };
      const reader = foldRun(options).getReader();
      await reader.read();
      const waiting = reader.read();
      await settle();
      await reader.cancel();
      expect((await waiting).done).toBe(true);
      expect([closed > 0, cancelled]).toEqual([true, 1]);
    }
  });
});
