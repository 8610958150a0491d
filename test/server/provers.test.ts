import { describe, expect, test } from "bun:test";
import { FairQueue } from "../../src/server/fairQueue.ts";
import { Metrics } from "../../src/server/metrics.ts";
import { Provers } from "../../src/server/provers.ts";
import type { OpenProver } from "../../src/session/sessionProver.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { decodeSegments } from "../segment/tinyRun.ts";
import { type FakeOptions, fakeProver } from "../session/fakeProver.ts";

const model = tinyModel({ capacity: 64 });
const [first, second, third] = decodeSegments(model, 2, [1, 4, 5], 12);
if (!first || !second || !third) throw new Error("expected three segments");

/** Provers that count how many were opened and closed. */
function provers(fake: FakeOptions = {}, most = 2) {
  const counts = { opened: 0, closed: 0 };
  const open: OpenProver = (...args) => {
    counts.opened++;
    return fakeProver({ ...fake, onClose: () => counts.closed++ })(...args);
  };
  return { counts, provers: new Provers(open, most, new FairQueue(), new Metrics()) };
}

describe("shared provers", () => {
  test("sessions with as many rows share one, and it outlives them", async () => {
    const { counts, provers: shared } = provers();
    const all = await Promise.all(["a", "b", "c"].map((owner) => shared.of(owner)(model, { logSegment: 2 })));
    await Promise.all(all.map((prover) => prover.begin({ promptLength: 3 }).prove(first)));
    for (const prover of all) prover.close();
    (await shared.of("d")(model, { logSegment: 2 })).close();
    expect(counts).toEqual({ opened: 1, closed: 0 });
    shared.close();
    await Promise.resolve();
    expect(counts).toEqual({ opened: 1, closed: 1 });
  });

  test("owners take turns, segment by segment", async () => {
    const order: string[] = [];
    const { provers: shared } = provers({ proveMs: 1 });
    const run = async (owner: string) => {
      const session = (await shared.of(owner)(model, { logSegment: 2 })).begin({ promptLength: 3 });
      await Promise.all(
        [first, second, third].map((rows) => session.prove(rows).then(() => order.push(owner))),
      );
    };
    await Promise.all([run("a"), run("b")]);
    // a came first, and had its second segment waiting before b had any
    expect(order.join("")).toBe("aababb");
  });

  test("one that nobody uses makes room for other rows; one in use does not", async () => {
    const { counts, provers: shared } = provers({}, 1);
    const small = await shared.of("a")(model, { logSegment: 2 });
    const large = await shared.of("b")(model, { logSegment: 3 });
    expect(counts).toEqual({ opened: 2, closed: 0 });
    large.close();
    small.close();
    (await shared.of("c")(model, { logSegment: 4 })).close();
    await Promise.resolve();
    expect(counts).toEqual({ opened: 3, closed: 2 });
  });

  test("after a failure the next session gets another", async () => {
    const { counts, provers: shared } = provers({ failAt: 0 });
    const prover = await shared.of("a")(model, { logSegment: 2 });
    const failure = await prover
      .begin({ promptLength: 3 })
      .prove(first)
      .catch((error: Error) => error.message);
    expect(failure).toBe("out of memory");
    prover.close();
    await shared.of("b")(model, { logSegment: 2 });
    expect(counts).toEqual({ opened: 2, closed: 1 });
  });

  test("a session that closes fails what it waits for, and leaves its place", async () => {
    const { provers: shared } = provers({ proveMs: 20 });
    const [a, b] = await Promise.all(["a", "b"].map((owner) => shared.of(owner)(model, { logSegment: 2 })));
    const waiting = a
      ?.begin({ promptLength: 3 })
      .prove(first)
      .catch((error: Error) => error.message);
    const other = b?.begin({ promptLength: 3 }).prove(first);
    a?.close();
    expect(await waiting).toBe("the prover was closed");
    expect((await other)?.rows).toBe(4);
  });
});
