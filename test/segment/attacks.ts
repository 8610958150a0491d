import { extArithmetic } from "../../src/hash/extArithmetic.ts";
import type { Tensor } from "../../src/air/air.ts";
import { proveAir } from "../../src/air/prove.ts";
import type { SegmentRows } from "../../src/decode/recorder.ts";
import { type CarriedContext, segmentWitness } from "../../src/decode/segmentWitness.ts";
import type { Witness } from "../../src/decode/witness.ts";
import { P } from "../../src/field/m31.ts";
import { ProverChannel } from "../../src/hash/proverChannel.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import type { Sampler } from "../../src/model/sampler.ts";
import { encodeSegmentProof } from "../../src/segment/format.ts";
import { type PreparedSegment, prepareSegment } from "../../src/segment/prepareSegment.ts";
import { nextStatement, SegmentProver } from "../../src/segment/prover.ts";
import type { ProvingKey } from "../../src/segment/provingKey.ts";
import type { Boundary, Commitment, SegmentStatement, Session } from "../../src/segment/statement.ts";
import { type SegmentVerdict, verifySegment } from "../../src/segment/verify.ts";
import { statementWords } from "../../src/segment/verifySegmentProof.ts";
import { commitOracle, recallSent, sendOracle } from "../../src/whir/commit.ts";
import { proveOpening } from "../../src/whir/open.ts";
import type { Profile } from "../../src/whir/profile.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { decodeSegments } from "./tinyRun.ts";

/** Quicker still than `testProfile`: the trace at rate 1/2. */
export const quickProfile: Profile = {
  ...testProfile,
  name: "quick",
  oracles: { ...testProfile.oracles, trace: { ...testProfile.oracles.trace, logInvRate: 1 } },
};

/** One honest segment, and all that a prover who wants to cheat in it starts from. */
export interface HonestSegment {
  readonly rows: SegmentRows;
  readonly statement: SegmentStatement;
  readonly contextIn: CarriedContext;
  readonly proof: Uint8Array;
}

/** An honest run of a model, segment by segment. */
export interface HonestRun {
  readonly model: IntegerModel;
  readonly key: ProvingKey;
  readonly session: Session;
  readonly segments: readonly HonestSegment[];
}

export interface RunOptions {
  readonly prompt?: readonly number[];
  readonly rows?: number;
  readonly logSegment?: number;
  readonly profile?: Profile;
  /** Default: the prompt's length. */
  readonly promptLength?: number;
  /** Default: greedy choice. */
  readonly sampler?: Sampler;
}

/** Decodes and proves a run, honestly. */
export function honestRun(model: IntegerModel, options: RunOptions = {}): HonestRun {
  const { prompt = [1, 5, 3], rows = 10, logSegment = 2, profile = quickProfile, sampler } = options;
  const promptLength = options.promptLength ?? prompt.length;
  const prover = SegmentProver.create(model, { logSegment, promptLength, profile, sampler });
  return {
    model,
    key: prover.key,
    session: prover.session,
    segments: proveAll(prover, model, logSegment, prompt, rows),
  };
}

/** Another run with the same key. */
export function otherRun(run: HonestRun, prompt: readonly number[], rows: number): HonestRun {
  const session = { ...run.session, promptLength: prompt.length };
  let boundary = run.segments[0].statement.boundaryIn;
  let contextIn = run.segments[0].contextIn;
  const segments = decodeSegments(run.model, session.logSegment, prompt, rows, session.sampler).map(
    (part) => {
      const segment = {
        rows: part,
        contextIn,
        statement: { boundaryIn: boundary, boundaryOut: boundary, tokens: [] },
      };
      const { witness, proof, statement } = forge(
        { ...run, session },
        { ...segment, proof: new Uint8Array() },
      );
      boundary = statement.boundaryOut;
      contextIn = carried(witness);
      return { ...segment, statement, proof };
    },
  );
  return { ...run, session, segments };
}

function proveAll(
  prover: SegmentProver,
  model: IntegerModel,
  logSegment: number,
  prompt: readonly number[],
  rows: number,
): HonestSegment[] {
  const { air, layouts } = prover.key.protocol;
  const size = 2 ** (layouts[1].logSize - 1);
  let contextIn: CarriedContext = { keys: new Int32Array(size), values: new Int32Array(size) };
  return decodeSegments(model, logSegment, prompt, rows, prover.session.sampler).map((part) => {
    const { statement, proof } = prover.prove(part);
    const segment = { rows: part, statement, contextIn, proof };
    contextIn = carried(segmentWitness(model, air, part, contextIn, prover.session));
    return segment;
  });
}

/** The context that a segment leaves. */
export function carried(witness: Witness): CarriedContext {
  return {
    keys: witness.get("contextOut.keys") as Int32Array,
    values: witness.get("contextOut.values") as Int32Array,
  };
}

/** What a dishonest prover does differently; what is left out is done honestly. */
export interface Cheat {
  /** Another model than the run's: its tables make the witness. */
  readonly model?: IntegerModel;
  /** Changes the witness before anything is committed. */
  readonly witness?: (witness: Witness) => void;
  /** Changes the words in the arena after everything was computed from the witness. */
  readonly words?: (words: (name: string) => Uint32Array, prepared: PreparedSegment) => void;
  /** Weights or tables other than those that the session's commitment is of. */
  readonly fixed?: (words: (name: string) => Uint32Array) => void;
  /** Another statement than the one that follows from the rows. */
  readonly statement?: (
    honest: SegmentStatement,
    contextIn: Commitment,
    contextOut: Commitment,
  ) => SegmentStatement;
  /** Other oracles. */
  readonly prepared?: (prepared: PreparedSegment) => PreparedSegment;
  /** The prover's session; the verifier keeps to the run's. */
  readonly session?: Session;
  readonly channel?: () => ProverChannel;
  /** The incoming boundary that the verifier expects; the honest one if true. */
  readonly incoming?: Boundary | true;
  /** Also find out which rules of the air the tables break. */
  readonly explain?: boolean;
}

export interface Forgery {
  readonly witness: Witness;
  readonly statement: SegmentStatement;
  readonly proof: Uint8Array;
  readonly verdict: SegmentVerdict;
  /** Relations and lookups that do not hold, if `explain` was set. */
  readonly broken: readonly string[];
}

/** Words sent before the first checks of the lookups can fail. */
const FIRST_WORDS = 120;

/**
 * Lets an otherwise honest prover finish a segment and shows the proof to the verifier. The verifier
 * reads in order: if it rejects a beginning of the proof for another reason than its length, then it
 * rejects any proof that begins so. The prover is stopped early if that is the case.
 */
export function forge(run: HonestRun, segment: HonestSegment, cheat: Cheat = {}): Forgery {
  const { key } = run;
  const { arena } = key.prover;
  const session = cheat.session ?? run.session;
  const mark = arena.mark();
  const fixed = cheat.fixed && fixedWords(key);
  try {
    const { keys, values } = segment.contextIn;
    const contextIn = { keys: keys.slice(), values: values.slice() };
    const witness = segmentWitness(
      cheat.model ?? run.model,
      key.protocol.air,
      segment.rows,
      contextIn,
      session,
    );
    cheat.witness?.(witness);
    if (fixed) cheat.fixed?.(fixed.words);
    let prepared = prepareSegment(key, session, witness, (out, into) => {
      const honest = nextStatement(session, segment.statement.boundaryIn, segment.rows, out);
      return cheat.statement?.(honest, into, out) ?? honest;
    });
    const { tables } = prepared;
    cheat.words?.((name) => {
      const tensor = key.protocol.air.tensors.get(name) as Tensor;
      return arena.u32(tables.get(tensor) as number, 2 ** tensor.logSize);
    }, prepared);
    if (cheat.prepared) prepared = cheat.prepared(prepared);
    const broken = cheat.explain ? brokenRules(key, tables) : [];
    const { statement } = prepared;
    const incoming = cheat.incoming === true ? segment.statement.boundaryIn : cheat.incoming;
    const sent = commitOracle(key.prover, prepared.trace, key.protocol.opening.oracles[0]);
    const attempt = (limit: number) => {
      const inner = arena.mark();
      const channel = cheat.channel?.() ?? new ProverChannel();
      const body = proveUpTo(run, session, prepared, sent, channel, limit);
      arena.release(inner);
      const proof = encodeSegmentProof({ statement, body });
      return { proof, verdict: verifySegment(run.session, proof, incoming) };
    };
    let result = attempt(FIRST_WORDS);
    if (result.verdict.ok || result.verdict.check === "proof length")
      result = attempt(Number.POSITIVE_INFINITY);
    return { witness, statement, broken, ...result };
  } finally {
    fixed?.restore();
    arena.release(mark);
  }
}

class Stop extends Error {}

/** `proveSegmentProof` with a trace already committed, stopped once `limit` words are sent. */
export function proveUpTo(
  { key }: HonestRun,
  session: Session,
  { statement, tables, contextOut, contextIn }: PreparedSegment,
  trace: ReturnType<typeof commitOracle>,
  channel: ProverChannel,
  limit: number,
): Uint32Array {
  const { protocol, prover, fixed, stored } = key;
  const { air, fractions, lookupGrinding, layouts, opening } = protocol;
  const send = channel.send.bind(channel);
  channel.send = (elements) => {
    if (channel.length >= limit) throw new Stop();
    send(elements);
  };
  try {
    channel.observe(statementWords(session, statement));
    const recalled = [contextOut, contextIn, fixed].map((oracle) => recallSent(channel, oracle));
    const sent = sendOracle(channel, opening, 0, trace);
    const claims = proveAir({ channel, ...prover, tables, stored }, air, fractions, lookupGrinding);
    proveOpening(prover, channel, opening, [sent, ...recalled], claims.onOracles(extArithmetic, layouts));
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return channel.finish();
}

/** The fixed oracle's words by name, and how to make them honest again. */
function fixedWords({ protocol, prover, fixed }: ProvingKey) {
  const { logSize, places } = protocol.layouts[3];
  const all = () => prover.arena.u32(fixed.committed.values, 2 ** logSize);
  const honest = all().slice();
  return {
    words: (name: string) => {
      const place = places.find(({ tensor }) => tensor.name === name);
      if (!place) throw new Error(`expected a fixed tensor, got ${name}`);
      return all().subarray(place.offset, place.offset + 2 ** place.tensor.logSize);
    },
    restore: () => all().set(honest),
  };
}

/** The names of the relations that do not vanish and of the lookups that find no row. */
export function brokenRules({ protocol, prover }: ProvingKey, tables: ReadonlyMap<Tensor, number>): string[] {
  const { air } = protocol;
  const words = (tensor: Tensor) => prover.arena.u32(tables.get(tensor) as number, 2 ** tensor.logSize);
  const broken = air.relations
    .filter((relation) => words(relation).some((word) => word !== 0))
    .map(({ name }) => name);
  for (const table of air.tables) {
    const has = rowTest(table.columns.map(words));
    for (const lookup of air.lookups) {
      if (lookup.table !== table) continue;
      const entries = lookup.entries.map(words);
      if (!entries[0].every((_, k) => has(entries.map((entry) => entry[k])))) broken.push(lookup.name);
    }
  }
  return broken;
}

/** Whether a tuple is a row: found by its first entry if the first column counts up. */
function rowTest(columns: readonly Uint32Array[]): (tuple: readonly number[]) => boolean {
  const [first] = columns;
  if (first.every((word, row) => word === (first[0] + row) % P))
    return (tuple) => columns.every((column, c) => column[(tuple[0] - first[0] + P) % P] === tuple[c]);
  const rows = new Set(Array.from(first, (_, row) => columns.map((column) => column[row]).join()));
  return (tuple) => rows.has(tuple.join());
}

/** Row-major index of a cell; axes that are not named are at 0. */
export function cellOf({ axes, logs, name }: Tensor, at: Readonly<Record<string, number>>): number {
  return axes.reduce((index, axis, k) => {
    const position = at[axis] ?? 0;
    if (position >= 2 ** logs[k])
      throw new Error(`${name}: expected ${axis} below ${2 ** logs[k]}, got ${position}`);
    return index * 2 ** logs[k] + position;
  }, 0);
}

/** Cases counted and shown as a table. */
export class Report {
  readonly #rows: (readonly string[])[] = [];

  constructor(readonly header: readonly string[]) {}

  add(...row: readonly string[]): void {
    this.#rows.push(row);
  }

  get size(): number {
    return this.#rows.length;
  }

  /** How often each value stands in the column. */
  counts(column: number): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const row of this.#rows) counts[row[column]] = (counts[row[column]] ?? 0) + 1;
    return counts;
  }

  print(): void {
    const all = [this.header, ...this.#rows];
    const widths = this.header.map((_, c) => Math.max(...all.map((row) => row[c].length)));
    const lines = all.map((row) =>
      row
        .map((text, c) => text.padEnd(widths[c]))
        .join("  ")
        .trimEnd(),
    );
    console.log(`${lines.join("\n")}\n`);
  }
}
