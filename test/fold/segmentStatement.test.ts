import { beforeAll, describe, expect, test } from "bun:test";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { stateSegment } from "../../src/fold/segmentStatement.ts";
import { boundaryDigest, extendTokenDigest, modelId } from "../../src/segment/boundary.ts";
import { checkStatement } from "../../src/segment/checkStatement.ts";
import { type Boundary, NO_TOKEN, type SegmentStatement, termsOf } from "../../src/segment/statement.ts";
import { statementInputs, statementWords } from "../../src/segment/verifySegmentProof.ts";
import { attackedSampler } from "../segment/attackedModel.ts";
import { type TinySegments, tinySegments } from "./tinySegments.ts";

let run: TinySegments;

function state(statement: SegmentStatement) {
  const builder = new CircuitBuilder();
  const { session, key } = run.prover;
  return { builder, stated: stateSegment(builder, session, key.protocol, termsOf(session), statement) };
}

describe.each([
  ["greedy", undefined],
  ["sampled", attackedSampler],
] as const)("a segment's statement in the circuit, %s choice", (_, sampler) => {
  beforeAll(() => {
    // A vocabulary that is no power of two, and a run that ends inside a segment.
    run = tinySegments({ model: { vocab: 13 }, sampler });
  });

  test("gives the native verifier's words, inputs and digests", () => {
    const { session, key } = run.prover;
    for (const { statement } of run.proofs) {
      const { builder, stated } = state(statement);
      expect(builder.failures).toEqual([]);
      const words = stated.wires.words.map((word) =>
        typeof word === "number" ? word : builder.wordAt(word.word),
      );
      expect(words).toEqual(statementWords(session, statement));
      const inputs = Object.entries(statementInputs(session, key.protocol, statement));
      for (const [name, values] of inputs)
        expect([name, stated.wires.inputs[name].map((wire) => builder.valueOf(wire)[0])]).toEqual([
          name,
          values,
        ]);
      expect(stated.digestOut.map((cell) => builder.wordAt(cell))).toEqual([
        ...boundaryDigest(session, modelId(session), statement.boundaryOut),
      ]);
    }
  });

  test("refuses what the native verifier refuses", () => {
    const { session } = run.prover;
    const boundaries: Record<string, (b: Boundary) => Boundary> = {
      "position +1": (b) => ({ ...b, position: b.position + 1 }),
      "position + T": (b) => ({ ...b, position: b.position + 4 }),
      "position 16": (b) => ({ ...b, position: 16 }),
      "position 2^31": (b) => ({ ...b, position: b.position + 2 ** 31 }),
      "position p": (b) => ({ ...b, position: b.position + 2 ** 31 - 1 }),
      "token digest": (b) => ({ ...b, tokenDigest: b.tokenDigest.map((word) => (word ^ 1) >>> 0) }),
      "pending token": (b) => ({ ...b, pendingToken: (b.pendingToken + 1) % 13 }),
      "no pending token": (b) => ({ ...b, pendingToken: NO_TOKEN }),
      "pending token 13": (b) => ({ ...b, pendingToken: 13 }),
      "pending token 2^31": (b) => ({ ...b, pendingToken: 2 ** 31 }),
      "context value p": (b) => ({ ...b, context: { ...b.context, value: [2 ** 31 - 1, 0, 0, 0, 0] } }),
    };
    const withTokens = (s: SegmentStatement, tokens: number[]): SegmentStatement => ({
      ...s,
      tokens,
      boundaryOut: {
        ...s.boundaryOut,
        position: s.boundaryIn.position + tokens.length,
        tokenDigest: extendTokenDigest(session, s.boundaryIn.tokenDigest, tokens.slice(0, 4)),
      },
    });
    const changes: Record<string, (s: SegmentStatement) => SegmentStatement> = {
      "no tokens": (s) => withTokens(s, []),
      "token 13": (s) => withTokens(s, [...s.tokens.slice(0, -1), 13]),
      "other first token": (s) => withTokens(s, [(s.tokens[0] + 1) % 13, ...s.tokens.slice(1)]),
      "other token, old digest": (s) => ({ ...s, tokens: s.tokens.map((token) => (token + 1) % 13) }),
    };
    for (const [name, change] of Object.entries(boundaries)) {
      changes[`incoming ${name}`] = (s) => ({ ...s, boundaryIn: change(s.boundaryIn) });
      changes[`outgoing ${name}`] = (s) => ({ ...s, boundaryOut: change(s.boundaryOut) });
    }
    for (const [index, { statement }] of run.proofs.entries())
      for (const [name, change] of Object.entries(changes)) {
        const altered = change(statement);
        const refused = checkStatement(session, altered) !== null;
        const { builder, stated } = state(altered);
        // The circuit computes the outgoing digests: where they are not the stated ones, the boundary is another.
        const digest = [...boundaryDigest(session, modelId(session), altered.boundaryOut)];
        const other = stated.digestOut.some((cell, k) => builder.wordAt(cell) !== digest[k]);
        expect([index, name, builder.failures.length > 0 || other]).toEqual([index, name, refused]);
      }
  });
});
