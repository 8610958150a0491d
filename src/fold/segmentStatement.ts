import { drawMessage, seedWords } from "../decode/draw.ts";
import { labelWords } from "../hash/blake3.ts";
import { DRAW_LIMBS, LOG_LIMB } from "../model/sampler.ts";
import { boundaryWords, modelId } from "../segment/boundary.ts";
import type { SegmentProtocol } from "../segment/protocol.ts";
import {
  type Boundary,
  type ModelSession,
  NO_TOKEN,
  type RunTerms,
  type SegmentStatement,
} from "../segment/statement.ts";
import type { StatementWires } from "../segment/verifySegmentProof.ts";
import { type CircuitBuilder, wireOf } from "./circuit/circuitBuilder.ts";
import { IntegerWires, type NumberWires } from "./circuit/integerWires.ts";
import type { StatementWord } from "./circuit/recordingChannel.ts";
import type { BitCells, Wire, WordCell } from "./circuit/wire.ts";
import { hashCells } from "./circuit/wireHash.ts";
import { fromCoordinates } from "./circuit/wireTranscript.ts";

/** A segment's statement in the circuit. */
export interface StatedSegment {
  readonly wires: StatementWires<Wire, StatementWord>;
  /** The boundaries' digests, 8 words each; they bind everything else. */
  readonly digestIn: readonly WordCell[];
  readonly digestOut: readonly WordCell[];
}

/**
 * A segment's statement as free cells, everything that the native verifier checks about it without its
 * proof (`checkStatement`), and what the proof's verifier reads of it (`statementWords`, `statementInputs`).
 */
export function stateSegment(
  builder: CircuitBuilder,
  session: ModelSession,
  protocol: SegmentProtocol,
  terms: RunTerms,
  statement: SegmentStatement,
): StatedSegment {
  const { logSegment, description } = session;
  const { capacity, vocab } = description.config;
  const rows = 2 ** logSegment;
  const logCapacity = Math.log2(capacity);
  const integers = new IntegerWires(builder);
  const word = (value: number) => builder.freeWord(value);
  const prompt = integers.number(word(terms.promptLength), logCapacity + 1, "prompt length");

  const tokens = Array.from({ length: rows }, (_, t) =>
    integers.number(word(statement.tokens[t] ?? 0), protocol.logVocab, "token"),
  );
  for (const token of tokens) integers.expectBelow(token, vocab, "token");
  const count = integers.number(word(statement.tokens.length), logSegment + 1, "rows");
  const live = liveRows(builder, count, statement.tokens.length, rows);
  tokens.forEach((token, t) => {
    builder.expectZero(builder.mul(integers.not(live[t]), token.value), "dead token");
  });

  const before = freeBoundary(builder, statement.boundaryIn);
  const after = freeBoundary(builder, statement.boundaryOut, [
    ...hashCells(builder, [
      ...Array.from(labelWords("tokens"), (label) => builder.constantWord(label)),
      ...before.tokenDigest,
      count.word,
      ...tokens.map((token) => token.word),
    ]),
  ]);
  const start = integers.number(before.position, logCapacity, "incoming position");
  for (const bit of start.bits.slice(0, logSegment)) builder.expectZero(wireOf(bit), "incoming position");
  const end = integers.number(after.position, logCapacity + 1, "outgoing position");
  builder.expectZero(builder.sub(builder.add(start.value, count.value), end.value), "outgoing position");

  const isChosen = (position: Wire) => integers.atLeast(position, prompt.value, logCapacity + 2);
  const pendingIn = pendingBits(
    integers,
    before.pendingToken,
    isChosen(start.value),
    vocab,
    protocol.logVocab,
  );
  const pendingOut = pendingBits(integers, after.pendingToken, isChosen(end.value), vocab, protocol.logVocab);
  const first = builder.sub(pendingIn.value, tokens[0].value);
  builder.expectZero(builder.mul(pendingIn.isToken, first), "pending token");

  const generated = live.map((flag, t) =>
    builder.mul(flag, isChosen(builder.add(start.value, builder.constant(t + 1)))),
  );
  const choice = generated.flatMap((flag, t) =>
    highFirst(pendingOut.bits, protocol.logVocab).map((pending, k) => {
      const next = t + 1 < rows ? highFirst(tokens[t + 1].bits, protocol.logVocab)[k] : null;
      const follower = next
        ? builder.add(pending, builder.mul(live[t + 1], builder.sub(next, pending)))
        : pending;
      return builder.mul(flag, follower);
    }),
  );

  const seed = session.sampler ? seedWords(terms.seed ?? 0).map((value) => ({ word: word(value) })) : [];
  const draw = session.sampler ? draws(integers, seed, start.value, generated, logCapacity) : [];

  const id = modelId(session);
  const run = { promptLength: { word: prompt.word }, seed };
  const digestOf = (boundary: FreeBoundary) =>
    hashStatement(builder, boundaryWords<StatementWord>(session, id, run, named(boundary)));
  const [digestIn, digestOut] = [digestOf(before), digestOf(after)];
  const words: StatementWord[] = [
    ...id,
    ...[...digestIn, ...digestOut, count.word, ...tokens.map((token) => token.word)].map((cell) => ({
      word: cell,
    })),
  ];
  return {
    digestIn,
    digestOut,
    wires: {
      words,
      contextOut: contextOf(builder, after),
      contextIn: contextOf(builder, before),
      fixed: { root: session.fixed.root, value: builder.constant(session.fixed.value) },
      inputs: {
        block: highFirst(start.bits.slice(logSegment), protocol.logBlocks),
        live,
        generated,
        token: tokens.flatMap((token) => highFirst(token.bits, protocol.logVocab)),
        choice,
        draw,
      },
    },
  };
}

/** The hash of words, some of them known beforehand. */
function hashStatement(builder: CircuitBuilder, words: readonly StatementWord[]): WordCell[] {
  return hashCells(
    builder,
    words.map((entry) => (typeof entry === "number" ? builder.constantWord(entry) : entry.word)),
  );
}

interface FreeBoundary {
  readonly position: WordCell;
  readonly tokenDigest: readonly WordCell[];
  readonly pendingToken: WordCell;
  readonly root: readonly WordCell[];
  readonly value: readonly WordCell[];
}

/** A boundary's words; all of them are hashed into its digest. */
function freeBoundary(
  builder: CircuitBuilder,
  { position, tokenDigest, pendingToken, context }: Boundary,
  digest?: readonly WordCell[],
): FreeBoundary {
  const words = (values: readonly number[]) => values.map((value) => builder.freeWord(value));
  return {
    position: builder.freeWord(position),
    tokenDigest: digest ?? words(tokenDigest),
    pendingToken: builder.freeWord(pendingToken),
    root: words(context.root),
    value: words(context.value),
  };
}

function named({ position, tokenDigest, pendingToken, root, value }: FreeBoundary) {
  const entry = (word: WordCell): StatementWord => ({ word });
  return {
    position: entry(position),
    tokenDigest: tokenDigest.map(entry),
    pendingToken: entry(pendingToken),
    context: { root: root.map(entry), value: value.map(entry) },
  };
}

function contextOf(builder: CircuitBuilder, { root, value }: FreeBoundary) {
  return {
    root: root.map((word) => ({ word })),
    value: fromCoordinates(
      builder,
      value.map((word) => builder.lift(word, true)),
    ),
  };
}

/** Flags of the rows below `count`: 1, …, 1, 0, …, 0, the first of them 1. */
function liveRows(builder: CircuitBuilder, count: NumberWires, value: number, rows: number): Wire[] {
  const integers = new IntegerWires(builder);
  const flags = Array.from({ length: rows }, (_, t) => integers.freeBit(t < value));
  builder.expectZero(integers.not(flags[0]), "rows");
  for (let t = 1; t < rows; t++)
    builder.expectZero(builder.mul(flags[t], integers.not(flags[t - 1])), "rows");
  const sum = flags.reduce((total, flag) => builder.add(total, flag));
  builder.expectZero(builder.sub(sum, count.value), "rows");
  return flags;
}

/** Every row's draw, limb by limb, where it generates; else 0. Mirror: `drawOf`. */
function draws(
  integers: IntegerWires,
  seed: readonly StatementWord[],
  start: Wire,
  generated: readonly Wire[],
  logCapacity: number,
): Wire[] {
  const { builder } = integers;
  return generated.flatMap((flag, t) => {
    const next = builder.add(start, builder.constant(t + 1));
    const position = integers.number(builder.freeWord(builder.valueOf(next)[0]), logCapacity + 1, "draw");
    builder.expectZero(builder.sub(position.value, next), "draw");
    return hashStatement(builder, drawMessage<StatementWord>(seed, { word: position.word }))
      .slice(0, DRAW_LIMBS)
      .map((word) => builder.mul(flag, integers.value(builder.bits(word).slice(0, LOG_LIMB))));
  });
}

/** A pending token's bits: a token if `isToken`, else `NO_TOKEN`, all of whose bits are 1. */
function pendingBits(integers: IntegerWires, word: WordCell, isToken: Wire, vocab: number, logVocab: number) {
  const { builder } = integers;
  const bits = builder.bits(word);
  const none = builder.sub(integers.sum(bits), builder.constant(NO_TOKEN.toString(2).length));
  builder.expectZero(builder.mul(integers.not(isToken), none), "pending token");
  builder.expectZero(builder.mul(isToken, integers.sum(bits.slice(logVocab))), "pending token");
  const low = bits.slice(0, logVocab);
  const value = integers.value(low);
  const excess = integers.not(integers.isBelow(low, vocab));
  builder.expectZero(builder.mul(isToken, excess), "pending token");
  return { bits: low, value, isToken };
}

/** The lowest `count` bits as wires, most significant first. */
function highFirst(bits: BitCells, count: number): Wire[] {
  return bits.slice(0, count).map(wireOf).reverse();
}
