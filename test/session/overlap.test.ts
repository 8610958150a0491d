import { describe, expect, test } from "bun:test";
import { overlap, type Step } from "../../src/session/overlap.ts";

/** A prover that ends a segment when it is told to. */
class FakeProver {
  readonly started: number[] = [];
  readonly #ends = new Map<number, (failure?: Error) => void>();

  prove = (segment: number): Promise<string> => {
    this.started.push(segment);
    return new Promise((resolve, reject) => {
      this.#ends.set(segment, (failure) => (failure ? reject(failure) : resolve(`proof ${segment}`)));
    });
  };

  end(segment: number, failure?: Error): void {
    this.#ends.get(segment)?.(failure);
  }
}

/** Ten tokens, a segment after every second; `decoded` counts how far the loop has come. */
function decoding(count = 10) {
  const state = { decoded: 0, stopped: false };
  async function* steps(): AsyncGenerator<Step<string, number>> {
    try {
      for (let i = 0; i < count; i++) {
        state.decoded++;
        yield { kind: "item", item: `token ${i}` };
        if (i % 2 === 1) yield { kind: "rows", rows: (i - 1) / 2 };
      }
    } finally {
      state.stopped = true;
    }
  }
  return { state, steps: steps() };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("overlap", () => {
  test("decode goes on while a segment is proven", async () => {
    const { state, steps } = decoding();
    const prover = new FakeProver();
    const events = overlap(steps, prover.prove, 2);
    for (const token of ["token 0", "token 1", "token 2"]) expect((await events.next()).value).toBe(token);
    expect(prover.started).toEqual([0]);
    expect(state.decoded).toBe(3);
    prover.end(0);
    await settle();
    const after = [(await events.next()).value, (await events.next()).value];
    expect(after).toEqual(["proof 0", "token 3"]);
  });

  for (const limit of [1, 2]) {
    test(`with ${limit} in flight, decode waits for a prover that falls behind`, async () => {
      const { state, steps } = decoding();
      const prover = new FakeProver();
      const events = overlap(steps, prover.prove, limit);
      const ahead = 2 * (limit + 1);
      for (let i = 0; i < ahead; i++) expect((await events.next()).value).toBe(`token ${i}`);
      const waiting = events.next();
      await settle();
      // one segment's rows more than the prover holds are ready, and no further token is decoded
      expect(state.decoded).toBe(ahead);
      expect(prover.started.length).toBe(limit);
      prover.end(0);
      expect((await waiting).value).toBe("proof 0");
      expect((await events.next()).value).toBe(`token ${ahead}`);
      expect(prover.started.length).toBe(limit + 1);
    });
  }

  test("results come in order, after the last token too", async () => {
    const { steps } = decoding();
    const prove = async (segment: number) => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return `proof ${segment}`;
    };
    const seen: string[] = [];
    for await (const event of overlap(steps, prove, 2)) seen.push(event);
    expect(seen.filter((event) => event.startsWith("proof"))).toEqual(
      [0, 1, 2, 3, 4].map((i) => `proof ${i}`),
    );
    expect(seen.filter((event) => event.startsWith("token")).length).toBe(10);
    expect(seen.at(-1)).toBe("proof 4");
  });

  test("a failure ends the stream after the results before it, and stops decode", async () => {
    const { state, steps } = decoding(100);
    const prove = async (segment: number) => {
      await settle();
      if (segment === 2) throw new Error("out of memory");
      return `proof ${segment}`;
    };
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of overlap(steps, prove, 2)) seen.push(event);
    })();
    await expect(reading).rejects.toThrow("out of memory");
    expect(seen.filter((event) => event.startsWith("proof"))).toEqual(["proof 0", "proof 1"]);
    expect(state.stopped).toBe(true);
    expect(state.decoded).toBeLessThan(12);
  });

  test("a reader that leaves stops decode", async () => {
    const { state, steps } = decoding();
    for await (const _ of overlap(steps, new FakeProver().prove, 2)) break;
    expect(state.stopped).toBe(true);
  });
});
