import { type Ext, eBase, ONE } from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import { extArithmetic as f } from "../../src/hash/extArithmetic.ts";
import { expandProof, type NativeChannel, runVerifier } from "../../src/hash/nativeChannel.ts";
import { ProverChannel } from "../../src/hash/proverChannel.ts";
import { evaluate } from "../../src/poly/evaluate.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import type { Claim } from "../../src/whir/claim.ts";
import {
  type Committed,
  commitOracle,
  createWhirProver,
  maxLogDomain,
  nameOracle,
  recallSent,
  sendOracle,
  type WhirProver,
} from "../../src/whir/commit.ts";
import { proveOpening } from "../../src/whir/open.ts";
import { recallOracle, receiveOracle } from "../../src/whir/receiveOracle.ts";
import type { OracleShape, RoundShape, WhirShape } from "../../src/whir/shape.ts";
import { verifyOpening } from "../../src/whir/verify.ts";

/** A seeded generator of words below p: xorshift. */
export function randomWords(seed: number): () => number {
  let state = (seed * 2654435761 + 88172645) >>> 0 || 1;
  return () => {
    for (let i = 0; i < 2; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state = (state ^ (state << 5)) >>> 0;
    }
    return state % P;
  };
}

export function randomExt(next: () => number): Ext {
  return [next(), next(), next(), next(), next()];
}

export function randomPoint(next: () => number, k: number): Ext[] {
  return Array.from({ length: k }, () => randomExt(next));
}

export function oracle(logSize: number, options: Partial<OracleShape> = {}): OracleShape {
  const logFold = options.logFold ?? 3;
  return {
    name: "oracle",
    logSize,
    logFold,
    columns: 2 ** logFold,
    logInvRate: 1,
    queries: 3,
    outOfDomain: "transcript",
    foldGrinding: 0,
    ...options,
  };
}

export function round(logSize: number, options: Partial<RoundShape> = {}): RoundShape {
  const logFold = options.logFold ?? 2;
  return {
    logSize,
    logFold,
    columns: 2 ** logFold,
    logInvRate: 2,
    queries: 3,
    foldGrinding: 0,
    queryGrinding: 0,
    ...options,
  };
}

export interface ClaimPlace {
  readonly oracle: number;
  readonly offset: number;
  readonly point: readonly Ext[];
}

export interface Instance {
  readonly shape: WhirShape;
  /** Per oracle: columns · 2^(logSize − logFold) words. */
  readonly tables: Uint32Array[];
  readonly claims: Claim<Ext>[];
}

/** Random tables and the true values of claims at these places. */
export function instance(shape: WhirShape, places: readonly ClaimPlace[], seed = 1): Instance {
  const next = randomWords(seed);
  const tables = shape.oracles.map(({ columns, logSize, logFold }) =>
    Uint32Array.from({ length: columns * 2 ** (logSize - logFold) }, next),
  );
  return { shape, tables, claims: evaluateClaims(shape, tables, places) };
}

/** The true values at these places; cells that are not stored are zero. */
export function evaluateClaims(
  { oracles }: WhirShape,
  tables: readonly Uint32Array[],
  places: readonly ClaimPlace[],
): Claim<Ext>[] {
  return places.map(({ oracle, offset, point }) => {
    if (oracles[oracle] === undefined) throw new RangeError(`expected an oracle, found number ${oracle}`);
    const cells = Array.from({ length: 2 ** point.length }, (_, i) =>
      eBase(tables[oracle]?.[offset + i] ?? 0),
    );
    return { oracle, blocks: [{ offset, weight: ONE }], point, value: evaluate(f, cells, point) };
  });
}

export interface Proven {
  readonly proof: Uint32Array;
  /** Root and value of every oracle of kind "root". */
  readonly names: { root: Uint32Array; value: Ext }[];
}

export function newProver(shape: WhirShape, options: { scalar?: boolean } = {}): WhirProver {
  return createWhirProver(createKernels(options), maxLogDomain(shape));
}

/** `change` may tamper with what was committed, before the transcript starts. */
export function prove(
  { shape, tables, claims }: Instance,
  prover = newProver(shape),
  change = (committed: Committed) => committed,
): Proven {
  const channel = new ProverChannel();
  const names: Proven["names"] = [];
  const mark = prover.arena.mark();
  const oracles = tables.map((table, j) => {
    const values = prover.arena.alloc(table.length);
    prover.arena.u32(values, table.length).set(table);
    const committed = change(commitOracle(prover, values, shape.oracles[j] as OracleShape));
    if (shape.oracles[j]?.outOfDomain === "transcript") return sendOracle(channel, shape, j, committed);
    const named = nameOracle(shape, j, committed);
    names.push({ root: committed.root, value: named.outOfDomain.value });
    channel.observe(named.outOfDomain.value);
    return recallSent(channel, named);
  });
  proveOpening(prover, channel, shape, oracles, claims);
  prover.arena.release(mark);
  return { proof: channel.finish(), names };
}

export function verify(shape: WhirShape, claims: readonly Claim<Ext>[], proven: Proven) {
  return runVerifier(proven.proof, (channel) => verifySteps(channel, shape, claims, proven));
}

/** The proof with every opening's whole path. */
export function expanded(shape: WhirShape, claims: readonly Claim<Ext>[], proven: Proven): Uint32Array {
  const words = expandProof(proven.proof, (channel) => verifySteps(channel, shape, claims, proven));
  if (!(words instanceof Uint32Array)) throw new Error(words.check);
  return words;
}

function verifySteps(
  channel: NativeChannel,
  shape: WhirShape,
  claims: readonly Claim<Ext>[],
  { names }: Proven,
): void {
  let named = 0;
  const oracles = shape.oracles.map(({ outOfDomain }, j) => {
    if (outOfDomain === "transcript") return receiveOracle(channel, shape, j);
    const { root, value } = names[named++] as Proven["names"][number];
    channel.observe(value);
    return recallOracle(channel, shape, j, root, value);
  });
  verifyOpening(channel, shape, oracles, claims);
}
