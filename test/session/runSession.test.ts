import { describe, expect, test } from "bun:test";
import type { SessionEvent } from "../../src/session/events.ts";
import { InputError } from "../../src/session/inputError.ts";
import { runSession, type SessionOptions } from "../../src/session/runSession.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import type { Session } from "../../src/segment/statement.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { type FakeOptions, fakeProver } from "./fakeProver.ts";
import { tinyTokenizer } from "./tinyTokenizer.ts";

const CAPACITY = 64;
const model = tinyModel({ capacity: CAPACITY });
const tokenizer = tinyTokenizer();
/** BOS, space, a, b, c, a */
const prompt = "abca";
const PROMPT_LENGTH = 6;

function start(options: Partial<SessionOptions>, fake: FakeOptions = {}) {
  const base = { model, tokenizer, prompt, tokens: 20, segment: 8, profile: testProfile };
  return runSession({ ...base, openProver: fakeProver(fake), ...options });
}

async function collect(stream: ReadableStream<SessionEvent>) {
  const events: SessionEvent[] = [];
  let error: Error | undefined;
  try {
    for await (const event of stream) events.push(event);
  } catch (caught) {
    error = caught as Error;
  }
  const of = <T extends SessionEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
  return { events, error, of };
}

describe("runSession", () => {
  test("start, tokens, segments, done", async () => {
    const { events, of, error } = await collect(start({}));
    expect(error).toBeUndefined();
    expect(events[0]?.type).toBe("start");
    expect(events.at(-1)?.type).toBe("done");
    const [begin] = of("start");
    expect(begin?.promptTokens.length).toBe(PROMPT_LENGTH);
    expect(begin?.promptText).toBe("abca");
    expect(begin?.capacity).toBe(CAPACITY);
    const tokens = of("token");
    const [done] = of("done");
    expect(done?.tokens).toBe(tokens.length);
    expect(tokens.map(({ position }) => position)).toEqual(tokens.map((_, i) => PROMPT_LENGTH + i));
    // the last token generated needs no row
    const rows = PROMPT_LENGTH + tokens.length - 1;
    const segments = of("segment");
    expect(segments.reduce((sum, segment) => sum + segment.tokens, 0)).toBe(rows);
    expect(segments.map(({ index }) => index)).toEqual(segments.map((_, i) => i));
    expect(done?.segments).toBe(Math.ceil(rows / 8));
  });

  test("prompt and generated tokens go through the same rows", async () => {
    const consumed: number[] = [];
    const { of } = await collect(start({}, { onProve: (rows) => consumed.push(...rows.tokens) }));
    const generated = of("token").map(({ id }) => id);
    expect(consumed).toEqual([...tokenizer.encode(prompt), ...generated.slice(0, -1)]);
  });

  test("a slow prover holds decode back", async () => {
    let handed = 0;
    let proven = 0;
    const ahead: number[] = [];
    const stream = start({ tokens: 58, maxInFlight: 1 }, { proveMs: 10, onProve: () => handed++ });
    for await (const event of stream) {
      if (event.type === "segment") proven++;
      ahead.push(handed - proven);
    }
    expect(handed).toBe(proven);
    expect(Math.max(...ahead)).toBe(1);
  });

  test("a failing prover: a clear error, after the segments before it", async () => {
    let closed = 0;
    const { of, error } = await collect(start({ tokens: 58 }, { failAt: 2, onClose: () => closed++ }));
    expect(error?.message).toBe("segment 2: the prover failed: out of memory");
    expect(of("segment").map(({ index }) => index)).toEqual([0, 1]);
    expect(of("done")).toEqual([]);
    expect(closed).toBeGreaterThan(0);
  });

  test("cancelling stops decode and closes the prover", async () => {
    let closed = 0;
    const reader = start({ tokens: 58 }, { proveMs: 50, onClose: () => closed++ }).getReader();
    for (let i = 0; i < 5; i++) await reader.read();
    await reader.cancel();
    expect(closed).toBeGreaterThan(0);
  });

  test("nothing is decoded before it is asked for", async () => {
    let handed = 0;
    const stream = start({ tokens: 58 }, { onProve: () => handed++ });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(handed).toBe(0);
    await stream.cancel();
  });

  const bad: [string, Partial<SessionOptions>, string][] = [
    ["an empty prompt", { prompt: "" }, "prompt: expected some text, found none"],
    ["a prompt longer than the context", { prompt: "a".repeat(100) }, "prompt: expected at most 64 tokens"],
    [
      "more tokens than the context",
      { tokens: 60 },
      "tokens: expected at most 59 after a prompt of 6 tokens",
    ],
    ["no tokens", { tokens: 0 }, "tokens: expected an integer, at least 1, found 0"],
    [
      "a segment that is no power of two",
      { segment: 12 },
      "segment: expected a power of two from 4 to 256, found 12",
    ],
    ["a segment larger than the context", { segment: 128 }, "segment: expected at most 64 rows"],
    ["another model's tokenizer", { tokenizer: tinyTokenizer(20) }, "tokenizer: expected 16 pieces"],
  ];
  for (const [name, options, message] of bad) {
    test(`refuses ${name} at once`, () => {
      expect(() => start(options)).toThrow(InputError);
      expect(() => start(options)).toThrow(message);
    });
  }

  for (const inline of [true, false]) {
    test(`the real prover, ${inline ? "inline" : "in a worker"}`, async () => {
      const { of, error } = await collect(start({ inline, openProver: undefined, tokens: 6 }));
      expect(error).toBeUndefined();
      const session = of("start")[0]?.session as Session;
      const proofs = of("segment").map(({ proof }) => proof);
      const verdict = verifyChain(session, proofs, of("start")[0]?.modelId);
      expect(verdict).toMatchObject({ ok: true, segments: proofs.length, promptLength: PROMPT_LENGTH });
      const generated = of("token").map(({ id }) => id);
      if (verdict.ok) expect(verdict.tokens).toEqual([...tokenizer.encode(prompt), ...generated]);
    }, 60_000);
  }
});
