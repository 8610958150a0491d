import { beforeAll, describe, expect, test } from "bun:test";
import { Circuit, OP } from "../../src/fold/circuit/circuit.ts";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";
import { type CircuitKey, createCircuitKey } from "../../src/fold/circuitKey.ts";
import { circuitProtocol } from "../../src/fold/circuitProtocol.ts";
import { StepError } from "../../src/fold/expand.ts";
import type { StepRun } from "../../src/fold/recordStep.ts";
import { stepInputs } from "../../src/fold/stepInputs.ts";
import { verifyCircuitProof, verifyCircuitSteps } from "../../src/fold/verifyCircuitProof.ts";
import { expandProof } from "../../src/hash/nativeChannel.ts";
import type { VerifierChannel } from "../../src/hash/channel.ts";
import { availableThreads } from "../../src/kernels/createKernels.ts";
import { boundaryWordList, readBoundary, type SegmentProof } from "../../src/segment/format.ts";
import { verifySegmentProof } from "../../src/segment/verifySegmentProof.ts";
import { randomNumbers } from "../model/tinyModel.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { proofParts, wordsOfParts } from "./proofParts.ts";
import { tidily, type TinyChain, tinyChain } from "./tinyChain.ts";
import { type TinyRun, tinySegments, wholeSegment } from "./tinySegments.ts";

/*
 * A step as a cheating prover would make it. That the circuit refuses is read off the values of its cells: some
 * check is not met, so these rows have no proof (`circuitProof.test.ts`). Where what matters is the final
 * verifier, the cheat is proven all the same.
 */

let chain: TinyChain;
beforeAll(() => {
  chain = tinyChain();
}, 600_000);

const random = randomNumbers(11);

/** One byte of the word is another. */
function changedByte(words: Uint32Array, at: number): Uint32Array {
  const copy = words.slice();
  copy[at] = (copy[at] ^ ((1 + Math.floor(255 * random())) << (8 * Math.floor(4 * random())))) >>> 0;
  return copy;
}

/** Numbers for the channel's statement words, as `verifySegmentProof` has them. */
type AnyChannel = VerifierChannel<unknown, unknown, unknown>;

/** The circuit's part that verifies a segment. */
function readSegment(channel: RecordingChannel, { statement }: SegmentProof): void {
  const { session, key } = chain.run.prover;
  verifySegmentProof(channel as AnyChannel, session, key.protocol, statement);
}

/** The circuit's part that verifies the step before step `k`. */
function readPrevious(channel: RecordingChannel, k: number): void {
  const words = stepInputs(chain.statement(k - 1));
  const { root, value } = chain.prover.key.name;
  verifyCircuitSteps(channel as AnyChannel, chain.prover.fitted.protocol.circuit, {
    words,
    inputs: words.map((half) => channel.constant(half)),
    key: { root, value: channel.constant(value) },
  });
}

function failuresReading(body: Uint32Array, read: (channel: RecordingChannel) => void): readonly string[] {
  return tidily(() => {
    const builder = new CircuitBuilder();
    const channel = new RecordingChannel(builder, body);
    read(channel);
    channel.expectEnd();
    return builder.failures;
  });
}

describe("a child's proof with one byte changed", () => {
  const kinds: Record<string, () => readonly [Uint32Array, (channel: RecordingChannel) => void]> = {
    segment: () => [chain.segments[1].body, (channel) => readSegment(channel, chain.segments[1])],
    step: () => [chain.previous[0], (channel) => readPrevious(channel, 1)],
  };
  for (const [name, kind] of Object.entries(kinds))
    test(`a ${name}'s: anywhere in all of its parts`, () => {
      const [body, read] = kind();
      expect(failuresReading(body, read)).toEqual([]);
      const parts = proofParts(body, read);
      // what is not read could be anything
      expect(parts.map(({ from }) => from)).toEqual([0, ...parts.slice(0, -1).map(({ to }) => to)]);
      expect(parts.at(-1)?.to).toBe(body.length);
      const words = wordsOfParts(parts, 6);
      console.log(`${name}: ${parts.length} parts, ${words.length} of ${body.length} words`);
      for (const at of words) {
        const failures = failuresReading(changedByte(body, at), read);
        expect([at, failures.length > 0]).toEqual([at, true]);
      }
    }, 600_000);

  test("in the step's circuit itself, where the checks of the step before are guarded", () => {
    const { body } = chain.segments[1];
    for (const at of [0, body.length >> 1, body.length - 1]) {
      const segment = { ...chain.segments[1], body: changedByte(body, at) };
      expect(chain.failuresOf(chain.stepRun(1, { segments: [segment] }))).not.toEqual([]);
      const previous = changedByte(chain.previous[0], Math.min(at, chain.previous[0].length - 1));
      expect(chain.failuresOf(chain.stepRun(1, { previous }))).not.toEqual([]);
    }
    expect(chain.failuresOf(chain.stepRun(1))).toEqual([]);
  }, 120_000);
});

describe("what a child states, changed", () => {
  test("every kind of word of both boundaries, and every token", () => {
    const { statement, body } = chain.segments[1];
    const fields = {
      position: 0,
      digest: 1,
      digestEnd: 8,
      pending: 9,
      root: 10,
      rootEnd: 17,
      value: 18,
      valueEnd: 22,
    };
    for (const [field, at] of Object.entries(fields))
      for (const side of ["boundaryIn", "boundaryOut"] as const) {
        const words = Uint32Array.from(boundaryWordList(statement[side]));
        words[at] ^= 1;
        const segment = { statement: { ...statement, [side]: readBoundary(words) }, body };
        // the step states the changed boundary, where it states it
        const last = chain.digestOf(segment.statement.boundaryOut);
        const attack = chain.stepRun(1, { segments: [segment], statement: chain.statement(1, { last }) });
        expect([side, field, chain.failuresOf(attack).length > 0]).toEqual([side, field, true]);
        // and so it does as the first step, which has no other check of where it starts
        if (side === "boundaryOut") continue;
        const first = chain.digestOf(segment.statement.boundaryIn);
        const alone = { ...attack, previous: null, statement: chain.statement(1, { first }) };
        expect(["alone", field, chain.failuresOf(alone).length > 0]).toEqual(["alone", field, true]);
      }
    for (const at of statement.tokens.keys()) {
      const tokens = statement.tokens.map((token, k) => (k === at ? token ^ 1 : token));
      const segment = { statement: { ...statement, tokens }, body };
      expect([at, chain.failuresOf(chain.stepRun(1, { segments: [segment] })).length > 0]).toEqual([
        at,
        true,
      ]);
    }
  }, 300_000);

  test("every public input of the step", () => {
    const statement = chain.statement(1);
    const { root, value } = statement.key;
    const flipped = (words: ArrayLike<number>, at: number) =>
      Array.from(words, (word, k) => (k === at ? word ^ 1 : word));
    const attacks = {
      "key root": { key: { root: flipped(root, 0), value } },
      "key root's end": { key: { root: flipped(root, 7), value } },
      "key value": { key: { root, value: flipped(value, 4) as unknown as typeof value } },
      "first boundary": { first: flipped(statement.first, 0) },
      "first boundary's end": { first: flipped(statement.first, 7) },
      "last boundary": { last: flipped(statement.last, 0) },
      "last boundary's end": { last: flipped(statement.last, 7) },
    };
    for (const [name, change] of Object.entries(attacks)) {
      const attack = chain.stepRun(1, { statement: { ...statement, ...change } });
      expect([name, chain.failuresOf(attack).length > 0]).toEqual([name, true]);
    }
  }, 60_000);
});

describe("children that do not fit together", () => {
  test("the wrong order, an overlap, a gap, twice the same", () => {
    const attacks: Record<string, StepRun> = {
      "the second segment's step first": chain.stepRun(0, { segments: [chain.segments[1]] }),
      "the first segment behind the second": chain.stepRun(2, { segments: [chain.segments[0]] }),
      "a segment twice": chain.stepRun(1, { previous: chain.previous[1] }),
      "a gap": chain.stepRun(2, { previous: chain.previous[0] }),
      "a hidden predecessor": chain.stepRun(1, { previous: null }),
    };
    for (const [name, attack] of Object.entries(attacks))
      expect([name, chain.failuresOf(attack).length > 0]).toEqual([name, true]);
    expect(chain.failuresOf(attacks["a hidden predecessor"])).toContain("first boundary");
    const [first, second, third] = chain.run.proofs;
    for (const [segment, before] of [
      [third, 0],
      [first, 0],
      [second, 1],
      [first, 2],
    ] as const)
      expect(() => chain.prover.prove({ promptLength: 3 }, [segment], chain.steps[before])).toThrow(
        StepError,
      );
  }, 120_000);

  // Each is a valid segment of a run of its own, whose first step it could be.
  const others: Record<string, { run: TinyRun; index: number }> = {
    "another model's": { run: { model: { seed: 2 }, rows: 8 }, index: 1 },
    "another prompt's": { run: { prompt: [1, 5, 4], rows: 8 }, index: 1 },
    "a longer prompt's": { run: { prompt: [1, 5, 3, 2], rows: 8 }, index: 1 },
    "one of more rows": { run: { logSegment: 3, rows: 8 }, index: 0 },
    "one of a larger context": { run: { model: { capacity: 32 }, rows: 8 }, index: 1 },
    "one proven with fewer queries": {
      run: { profile: { ...testProfile, securityBits: 10 }, rows: 8 },
      index: 1,
    },
  };
  for (const [name, { run, index }] of Object.entries(others))
    test(`a segment of another run: ${name}`, () => {
      const other = tinySegments(run);
      const segment = wholeSegment(other, other.proofs[index]);
      const { boundaryOut } = segment.statement;
      for (const previous of [null, chain.previous[0]]) {
        const statement = chain.statement(1, { last: chain.digestOf(boundaryOut) });
        const first = previous ? statement.first : chain.digestOf(segment.statement.boundaryIn);
        const attack = chain.stepRun(1, {
          segments: [segment],
          previous,
          statement: { ...statement, first },
        });
        if (name === "another prompt's" && previous === null) continue; // a run that starts there, of this model
        expect(chain.failuresOf(attack)).not.toEqual([]);
      }
      other.prover.close();
    }, 120_000);

  test("another prompt's length than the one its boundaries have", () => {
    expect(chain.failuresOf(chain.stepRun(1, { terms: { promptLength: 4 } }))).not.toEqual([]);
  }, 60_000);
});

describe("a step before that others made", () => {
  /** The honest circuit without one of its checks: everything an operation would have to be 0 for. */
  function circuitWithoutChecks(): CircuitKey {
    const { circuit, protocol } = chain.prover.fitted;
    const weak = new Circuit(circuit);
    const row = new Array<number>(13);
    for (let at = 0; at < circuit.ops.count; at++) {
      for (let k = 0; k < row.length; k++) row[k] = circuit.ops.get(at, k);
      weak.ops.push(row[OP.out] === 0 ? row.map(() => 0) : row);
    }
    return createCircuitKey(protocol.circuit, weak, { threads: availableThreads() });
  }

  test("with a verifying key of its own, whose circuit leaves out checks", () => {
    const key = circuitWithoutChecks();
    const { circuit } = chain.prover.fitted.protocol;
    // It hides the first segment: its own key believes it.
    const statement = chain.statement(1, { key: key.name });
    const body = chain.forge(chain.stepRun(1, { previous: null, statement }), key);
    expect(verifyCircuitProof(circuit, key.name, stepInputs(statement), body)).toEqual({ ok: true });
    expect(chain.check(chain.part(2), body).ok).toBe(false);

    const expanded = expandProof(body, (channel) => {
      const words = stepInputs(statement);
      verifyCircuitSteps(channel, circuit, {
        words,
        inputs: words.map((half) => channel.constant(half)),
        key: { root: key.name.root, value: channel.constant(key.name.value) },
      });
    });
    if (!(expanded instanceof Uint32Array)) throw new Error("expected a proof that verifies");
    // Under the honest key the honest circuit does not take it,
    expect(chain.failuresOf(chain.stepRun(2, { previous: expanded }))).not.toEqual([]);
    // under the other it does, but passes that key on: the final verifier has the honest one.
    const passedOn = chain.stepRun(2, {
      previous: expanded,
      statement: chain.statement(2, { key: key.name }),
    });
    expect(chain.failuresOf(passedOn)).toEqual([]);
    const last = chain.forge(passedOn);
    expect(chain.check(chain.part(3), last).ok).toBe(false);
    expect(chain.check(chain.part(3), last, { ...chain.prover.foldKey, name: key.name }).ok).toBe(false);
    key.close();
  }, 600_000);

  test("with weaker parameters", () => {
    const { key } = chain.prover;
    const weak = circuitProtocol({ ...testProfile, securityBits: 10 }, key.protocol.sizes);
    const statement = chain.statement(0);
    const body = chain.forge(chain.stepRun(0), { ...key, protocol: weak });
    expect(verifyCircuitProof(weak, key.name, stepInputs(statement), body)).toEqual({ ok: true });
    expect(chain.check(chain.part(1), body).ok).toBe(false);
    const expanded = expandProof(body, (channel) => {
      const words = stepInputs(statement);
      verifyCircuitSteps(channel, weak, {
        words,
        inputs: words.map((half) => channel.constant(half)),
        key: { root: key.name.root, value: channel.constant(key.name.value) },
      });
    });
    if (!(expanded instanceof Uint32Array)) throw new Error("expected a proof that verifies");
    expect(expanded.length).toBeLessThan(chain.previous[0].length);
    expect(chain.failuresOf(chain.stepRun(1, { previous: expanded }))).not.toEqual([]);
  }, 600_000);
});

describe("provers who go on whatever fails", () => {
  const attacks: Record<string, () => [StepRun, number]> = {
    "a hidden predecessor": () => [chain.stepRun(1, { previous: null }), 2],
    "a gap": () => [chain.stepRun(2, { previous: chain.previous[0] }), 3],
    "no step proof": () => [chain.stepRun(1, { previous: new Uint32Array(chain.previous[0].length) }), 2],
    "a segment that was never proven": () => {
      const { statement, body } = chain.segments[1];
      return [chain.stepRun(1, { segments: [{ statement, body: new Uint32Array(body.length) }] }), 2];
    },
  };
  for (const [name, attack] of Object.entries(attacks))
    test(name, () => {
      const [run, count] = attack();
      expect(chain.failuresOf(run)).not.toEqual([]);
      const body = chain.forge(run);
      const verdict = chain.check(chain.part(count), body);
      console.log(`${name}: ${verdict.ok ? "accepted" : verdict.check}`);
      expect(verdict.ok).toBe(false);
      // nor can the next step stand on it
      const padded = new Uint32Array(chain.previous[0].length);
      padded.set(body.subarray(0, padded.length));
      if (count < 3) expect(chain.failuresOf(chain.stepRun(count, { previous: padded }))).not.toEqual([]);
    }, 600_000);
});
