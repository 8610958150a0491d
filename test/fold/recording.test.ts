import { beforeAll, describe, expect, test } from "bun:test";
import type { Ext } from "../../src/field/ext.ts";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";
import type { VerifierChannel } from "../../src/hash/channel.ts";
import { type NativeChannel, runVerifier } from "../../src/hash/nativeChannel.ts";
import type { SegmentProof } from "../../src/segment/format.ts";
import { verifySegmentProof } from "../../src/segment/verifySegmentProof.ts";
import { GPT2, QWEN2, type TinyOptions } from "../model/tinyModel.ts";
import { type TinySegments, tinySegments, wholeSegment } from "./tinySegments.ts";

let run: TinySegments;

/** The same channel, every value that passes written down. */
function traced<C extends object>(channel: C, extOf: (value: never) => Ext, steps: string[]): C {
  return new Proxy(channel, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result = member.apply(target, args);
        if (name === "expectZero") steps.push(`${args[1]} ${extOf(args[0] as never)}`);
        else if (
          ["add", "sub", "mul", "scale", "innerProduct", "constant", "sample", "domainPoint"].includes(
            name as string,
          )
        )
          steps.push(`${name as string} ${extOf(result as never)}`);
        else if (["receive", "contextPoint"].includes(name as string))
          steps.push(`${name as string} ${(result as never[]).map(extOf)}`);
        else if (name === "openRows") steps.push(`openRows ${(result as never[][]).flat().map(extOf)}`);
        return result;
      };
    },
  });
}

function record({ statement, body }: SegmentProof, steps: string[] = []) {
  const { session, key } = run.prover;
  const builder = new CircuitBuilder();
  const channel = new RecordingChannel(builder, body);
  const seen = traced(channel, (wire) => builder.valueOf(wire), steps);
  // The channel's statement words may be cells, so numbers will do.
  verifySegmentProof(
    seen as unknown as VerifierChannel<unknown, unknown, unknown>,
    session,
    key.protocol,
    statement,
  );
  channel.expectEnd();
  return builder;
}

describe.each([
  ["Llama's kind", {}],
  ["GPT-2's kind", GPT2],
  ["Qwen2's kind", QWEN2],
  ["coarser steps", { coarser: [2, 0] }],
] as [string, TinyOptions][])("recording, %s", (_, model) => {
  beforeAll(() => {
    run = tinySegments({ model, rows: 4 });
  });

  test("the recorded verifier takes the native one's values, step by step", () => {
    const { session, key } = run.prover;
    const [proof] = run.proofs;
    const native: string[] = [];
    const verdict = runVerifier(proof.body, (channel) =>
      verifySegmentProof(
        traced<NativeChannel>(channel, (value) => value, native),
        session,
        key.protocol,
        proof.statement,
      ),
    );
    expect(verdict).toEqual({ ok: true });
    const recorded: string[] = [];
    const builder = record(wholeSegment(run, proof), recorded);
    expect(builder.failures).toEqual([]);
    expect(recorded.length).toBe(native.length);
    expect(recorded.findIndex((step, k) => step !== native[k])).toBe(-1);
    console.log(`${native.length} steps;`, builder.circuit.counts());
  });

  test("a changed word fails a check of the circuit too", () => {
    const proof = wholeSegment(run, run.proofs[0]);
    for (let k = 0; k < proof.body.length; k += 1511) {
      const body = proof.body.slice();
      body[k] ^= 1;
      expect([k, record({ ...proof, body }).failures.length > 0]).toEqual([k, true]);
    }
  }, 30000);
});
