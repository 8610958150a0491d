import { beforeAll, describe, expect, test } from "bun:test";
import type { Ext } from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import { runVerifier } from "../../src/hash/nativeChannel.ts";
import type { Verdict } from "../../src/hash/verdict.ts";
import { extendTokenDigest } from "../../src/segment/boundary.ts";
import { checkStatement } from "../../src/segment/checkStatement.ts";
import { decodeSegmentProof, encodeSegmentProof } from "../../src/segment/format.ts";
import { prepareSegment } from "../../src/segment/prepareSegment.ts";
import { nextStatement } from "../../src/segment/prover.ts";
import { segmentWitness } from "../../src/decode/segmentWitness.ts";
import type { SegmentProtocol } from "../../src/segment/protocol.ts";
import type { Boundary, SegmentStatement, Session } from "../../src/segment/statement.ts";
import { verifySegment } from "../../src/segment/verify.ts";
import { verifySegmentProof } from "../../src/segment/verifySegmentProof.ts";
import { commitOracle } from "../../src/whir/commit.ts";
import { AlteringChannel, type SentKind } from "./alteringChannel.ts";
import { attackedModel } from "./attackedModel.ts";
import { forge, type HonestRun, type HonestSegment, honestRun, proveUpTo, Report } from "./attacks.ts";

/*
 * Everything that a proof contains and everything that it states, altered one at a time by an otherwise
 * honest prover: altered before it is absorbed, so that all that follows fits.
 */

/** Bits of grinding put before every challenge that can have some, so that there are nonces to alter. */
const GRINDING = 6;
/** Elements to alter, spread evenly, besides the first and the last. */
const ELEMENTS = 50;
/** Enough words after the altered one for the next check to be reached, as a rule. */
const AHEAD = 400;

let run: HonestRun;
let last: HonestSegment;

beforeAll(() => {
  run = honestRun(attackedModel());
  last = run.segments[2];
});

describe("everything sent, altered before it is absorbed", () => {
  test("elements, roots, nonces and openings", () => {
    const { arena } = run.key.prover;
    const mark = arena.mark();
    const protocol = withGrinding(run.key.protocol);
    const ground = { ...run, key: { ...run.key, protocol } };
    const witness = segmentWitness(run.model, protocol.air, last.rows, last.contextIn, run.session);
    const prepared = prepareSegment(ground.key, run.session, witness, (out) =>
      nextStatement(run.session, last.statement.boundaryIn, last.rows, out),
    );
    const { statement } = prepared;
    const trace = commitOracle(run.key.prover, prepared.trace, protocol.opening.oracles[0]);
    const attempt = (channel: AlteringChannel, limit: number): Verdict => {
      const inner = arena.mark();
      const body = proveUpTo(ground, run.session, prepared, trace, channel, limit);
      arena.release(inner);
      return runVerifier(body, (verifier) => verifySegmentProof(verifier, run.session, protocol, statement));
    };

    const honest = new AlteringChannel();
    expect(attempt(honest, Number.POSITIVE_INFINITY)).toEqual({ ok: true });

    const report = new Report(["altered", "number", "check"]);
    const survivors: string[] = [];
    const kinds: Record<SentKind, number> = {
      element: ELEMENTS,
      root: 100,
      nonce: 100,
      layer: 12,
      opening: 12,
    };
    for (const [kind, most] of Object.entries(kinds) as [SentKind, number][]) {
      const places = honest.sent.filter((sent) => sent.kind === kind);
      for (const target of spread(places.length, most)) {
        let verdict = attempt(
          new AlteringChannel(kind, target),
          places[target].at + (kind === "nonce" ? 1 : AHEAD),
        );
        if (verdict.ok || verdict.check === "proof length")
          verdict = attempt(new AlteringChannel(kind, target), Number.POSITIVE_INFINITY);
        report.add(kind, String(target), verdict.ok ? "none" : verdict.check);
        if (verdict.ok) survivors.push(`${kind} ${target}`);
      }
      console.log(`${kind}: ${spread(places.length, most).length} of ${places.length} altered`);
    }
    arena.release(mark);
    console.log("by check:", report.counts(2));
    expect(survivors).toEqual([]);
  }, 120000);

  test("words of a finished proof, altered afterwards", () => {
    const { body } = decodeSegmentProof(last.proof, 4) as { body: Uint32Array };
    const report = new Report(["word", "check"]);
    for (const at of spread(body.length, 300)) {
      const altered = body.slice();
      altered[at] = (altered[at] + 1) % P;
      const verdict = verifySegment(
        run.session,
        encodeSegmentProof({ statement: last.statement, body: altered }),
      );
      report.add(String(at), verdict.ok ? "none" : verdict.check);
    }
    console.log(`words: ${report.size} of ${body.length} altered; by check:`, report.counts(1));
    expect(report.counts(1).none).toBeUndefined();
  }, 240000);
});

describe("everything stated, altered", () => {
  const next = (value: Ext): Ext => [(value[0] + 1) % P, value[1], value[2], value[3], value[4]];
  const flip = (words: readonly number[]) => words.map((word, k) => (k === 5 ? (word ^ 1) >>> 0 : word));
  const boundaries: Record<string, (b: Boundary) => Boundary> = {
    "position +1": (b) => ({ ...b, position: b.position + 1 }),
    "position −T": (b) => ({ ...b, position: b.position - 4 }),
    "position +T": (b) => ({ ...b, position: b.position + 4 }),
    "token digest": (b) => ({ ...b, tokenDigest: flip(b.tokenDigest) }),
    "pending token": (b) => ({ ...b, pendingToken: (b.pendingToken + 1) % 13 }),
    "pending token, none": (b) => ({ ...b, pendingToken: 0xffffffff }),
    "pending token, no word": (b) => ({ ...b, pendingToken: 13 }),
    "context root": (b) => ({ ...b, context: { ...b.context, root: flip(b.context.root) } }),
    "context value": (b) => ({ ...b, context: { ...b.context, value: next(b.context.value) } }),
    "context value, p": (b) => ({ ...b, context: { ...b.context, value: [P, 0, 0, 0, 0] } }),
  };
  const statements: Record<string, (s: SegmentStatement) => SegmentStatement> = {};
  for (const [name, change] of Object.entries(boundaries)) {
    statements[`incoming ${name}`] = (s) => ({ ...s, boundaryIn: change(s.boundaryIn) });
    statements[`outgoing ${name}`] = (s) => ({ ...s, boundaryOut: change(s.boundaryOut) });
    if (name.startsWith("position"))
      statements[`both ${name}`] = (s) => ({
        ...s,
        boundaryIn: change(s.boundaryIn),
        boundaryOut: change(s.boundaryOut),
      });
  }
  const withTokens = (s: SegmentStatement, tokens: number[]): SegmentStatement => ({
    boundaryIn: { ...s.boundaryIn, pendingToken: tokens[0] ?? s.boundaryIn.pendingToken },
    boundaryOut: {
      ...s.boundaryOut,
      position: s.boundaryIn.position + tokens.length,
      tokenDigest: extendTokenDigest(run.session, s.boundaryIn.tokenDigest, tokens),
    },
    tokens,
  });
  Object.assign(statements, {
    "token 0 and the pending one": (s) =>
      withTokens(
        s,
        s.tokens.map((token, k) => (k === 0 ? (token + 1) % 13 : token)),
      ),
    "token 1": (s) =>
      withTokens(
        s,
        s.tokens.map((token, k) => (k === 1 ? (token + 1) % 13 : token)),
      ),
    "a token that is no word": (s) =>
      withTokens(
        s,
        s.tokens.map((token, k) => (k === 1 ? 13 : token)),
      ),
    "a token more": (s) => withTokens(s, [...s.tokens, 0]),
    "a token less": (s) => withTokens(s, s.tokens.slice(0, 1)),
    "no tokens": (s) => withTokens(s, []),
    "too many tokens": (s) => withTokens(s, [...s.tokens, 0, 0, 0]),
    "boundaries swapped": (s) => ({ ...s, boundaryIn: s.boundaryOut, boundaryOut: s.boundaryIn }),
    "contexts swapped": (s) => ({
      ...s,
      boundaryIn: { ...s.boundaryIn, context: s.boundaryOut.context },
      boundaryOut: { ...s.boundaryOut, context: s.boundaryIn.context },
    }),
  } satisfies Record<string, (s: SegmentStatement) => SegmentStatement>);

  test("by the prover, before it proves, and afterwards in the bytes", () => {
    const report = new Report(["field", "check, proven so", "check, altered afterwards"]);
    const { body } = decodeSegmentProof(last.proof, 4) as { body: Uint32Array };
    for (const [name, change] of Object.entries(statements)) {
      // What the statement check refuses needs no proof; the air's public inputs may not even exist for it.
      const altered = change(last.statement);
      const problem = checkStatement(run.session, altered);
      const proven = problem
        ? { ok: false as const, ...problem }
        : forge(run, last, { statement: change }).verdict;
      const after = verifySegment(run.session, encodeSegmentProof({ statement: altered, body }));
      report.add(name, proven.ok ? "none" : proven.check, after.ok ? "none" : after.check);
    }
    report.print();
    expect(report.counts(1).none).toBeUndefined();
    expect(report.counts(2).none).toBeUndefined();
  }, 240000);

  test("in the session: the model, T, the prompt's length, the profile, the weights' commitment", () => {
    const { session } = run;
    const { description } = session;
    const { config, shifts } = description;
    const described = (change: Partial<Session["description"]>): Session => ({
      ...session,
      description: { ...description, ...change },
    });
    const sessions: Record<string, Session> = {
      "prompt longer": { ...session, promptLength: 4 },
      "prompt shorter": { ...session, promptLength: 2 },
      "T of 2": { ...session, logSegment: 1 },
      "T of 8": { ...session, logSegment: 3 },
      "fixed root": { ...session, fixed: { ...session.fixed, root: flip(session.fixed.root) } },
      "fixed value": { ...session, fixed: { ...session.fixed, value: next(session.fixed.value) } },
      "profile, one bit less": { ...session, profile: { ...session.profile, securityBits: 19 } },
      "profile, maximal claims": { ...session, profile: { ...session.profile, maxClaims: 4095 } },
      "norm bits": described({ normBits: description.normBits === 16 ? 17 : 16 }),
      sequence: described({ config: { ...config, sequence: config.sequence + 1 } }),
      "one layer less": described({ config: { ...config, layers: 2 } }),
      "one layer more": described({ config: { ...config, layers: 4 } }),
      "one word less": described({ config: { ...config, vocab: 12 } }),
      heads: described({ config: { ...config, heads: 12, headDim: 2 }, scoreShift: 8 }),
      capacity: described({ config: { ...config, capacity: 8 } }),
      "learned positions": described({ config: { ...config, positions: "learned" } }),
      "no gate": described({
        config: { ...config, activation: "gelu" },
        shifts: { ...shifts, up: 0, prod: 0 },
      }),
      "a bias": described({ config: { ...config, biases: ["bq"] } }),
    };
    for (const name of Object.keys(shifts) as (keyof typeof shifts)[])
      sessions[`shift ${name}`] = described({ shifts: { ...shifts, [name]: shifts[name] - 1 } });
    const report = new Report(["session", "check"]);
    for (const [name, other] of Object.entries(sessions)) {
      const verdict = verifySegment(other, last.proof);
      report.add(name, verdict.ok ? "none" : verdict.check);
    }
    report.print();
    expect(report.counts(1).none).toBeUndefined();
  }, 240000);
});

/** `most` numbers below `count`, evenly spread, the first and the last among them. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, k) => k);
  return Array.from({ length: most }, (_, k) => Math.round((k * (count - 1)) / (most - 1)));
}

function withGrinding(protocol: SegmentProtocol): SegmentProtocol {
  const { opening } = protocol;
  const ground = { foldGrinding: GRINDING, queryGrinding: GRINDING };
  return {
    ...protocol,
    lookupGrinding: GRINDING,
    opening: {
      ...opening,
      batchGrinding: GRINDING,
      queryGrinding: GRINDING,
      oracles: opening.oracles.map((oracle) => ({ ...oracle, foldGrinding: GRINDING })),
      rounds: opening.rounds.map((round) => ({ ...round, ...ground })),
    },
  };
}
