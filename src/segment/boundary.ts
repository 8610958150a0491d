import { seedWords } from "../decode/draw.ts";
import type { ModelDescription } from "../model/description.ts";
import { optionWords } from "../model/options.ts";
import { ZERO } from "../field/ext.ts";
import { hashWords, labelWords } from "../hash/blake3.ts";
import { zeroRoot } from "../hash/zeroRoot.ts";
import { profileWords } from "../whir/profile.ts";
import type { SegmentProtocol } from "./protocol.ts";
import { type Boundary, type ModelSession, NO_TOKEN, type Session } from "./statement.ts";

/** How tokens are chosen. */
const GREEDY = 0;
const SAMPLED = 1;

/**
 * Digest of everything fixed: protocol parameters, architecture, integer semantics, weights and tables; 8 words.
 * In a sampled session it covers the logit scale, too, without which a temperature would say nothing.
 */
export function modelId({
  profile,
  description,
  fixed,
  sampler,
}: Pick<ModelSession, "profile" | "description" | "fixed" | "sampler">): Uint32Array {
  return hashWords([
    ...labelWords("model"),
    ...profileWords(profile),
    ...descriptionWords(description),
    ...fixed.root,
    ...fixed.value,
    ...(sampler ? floatWords(sampler.logitScale) : []),
  ]);
}

function descriptionWords({ config, shifts, normBits, expScale, scoreShift }: ModelDescription): number[] {
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab, capacity, sequence } = config;
  const { q, k, v, o, gate, up, down, prod } = shifts;
  return [
    dim,
    hidden,
    layers,
    heads,
    kvHeads,
    headDim,
    vocab,
    capacity,
    sequence,
    ...optionWords(config),
    q,
    k,
    v,
    o,
    gate,
    up,
    down,
    prod,
    normBits,
    expScale,
    scoreShift,
  ];
}

/** A float64's bits as two words, the low one first. */
function floatWords(x: number): Uint32Array {
  return new Uint32Array(Float64Array.of(x).buffer);
}

/** What each run brings to its boundaries, as words: u32 numbers, or cells in the folding circuit. */
export interface RunWords<W> {
  readonly promptLength: W;
  /** Empty if the choice is greedy. */
  readonly seed: readonly W[];
}

/** A boundary as words: u32 numbers, or cells that hold them in the folding circuit. */
export interface BoundaryWords<W> {
  readonly position: W;
  readonly tokenDigest: readonly W[];
  readonly pendingToken: W;
  readonly context: { readonly root: readonly W[]; readonly value: readonly W[] };
}

/** What a boundary's digest is of. */
export function boundaryWords<W>(
  { logSegment, description, sampler }: Pick<ModelSession, "logSegment" | "description" | "sampler">,
  id: Uint32Array,
  { promptLength, seed }: RunWords<W>,
  { position, tokenDigest, pendingToken, context }: BoundaryWords<W>,
): (W | number)[] {
  return [
    ...labelWords("boundary"),
    ...id,
    logSegment,
    Math.log2(description.config.capacity),
    position,
    promptLength,
    ...tokenDigest,
    pendingToken,
    ...context.root,
    ...context.value,
    ...(sampler
      ? [SAMPLED, ...floatWords(sampler.temperature), ...floatWords(sampler.minP), ...seed]
      : [GREEDY]),
  ];
}

/** The run's words, from its session. */
export function runWords({
  promptLength,
  sampler,
}: Pick<Session, "promptLength" | "sampler">): RunWords<number> {
  return { promptLength, seed: sampler ? seedWords(sampler.seed) : [] };
}

/** H("boundary", modelId, logT, logCapacity, position, promptLength, tokenDigest, pendingToken, context, sampler); 8 words. */
export function boundaryDigest(session: Session, id: Uint32Array, boundary: Boundary): Uint32Array {
  return hashWords(boundaryWords(session, id, runWords(session), boundary));
}

/** Where every run begins: position 0 and an empty context, whose root anyone can compute. */
export function genesis(protocol: SegmentProtocol): Boundary {
  const { logSize, logFold, logInvRate, columns } = protocol.opening.oracles[1];
  return {
    position: 0,
    tokenDigest: [...hashWords(labelWords("tokens"))],
    pendingToken: NO_TOKEN,
    context: { root: [...zeroRoot(logSize - logFold + logInvRate, columns)], value: ZERO },
  };
}

/** The running token digest after a segment's tokens. */
export function extendTokenDigest(
  { logSegment }: Pick<Session, "logSegment">,
  digest: readonly number[],
  tokens: readonly number[],
): number[] {
  return [...hashWords([...labelWords("tokens"), ...digest, ...tokenWords(logSegment, tokens)])];
}

/** The live rows' number, then 2^logSegment tokens, dead rows' as 0: always of one length, as the folding circuit needs it. */
export function tokenWords(logSegment: number, tokens: readonly number[]): number[] {
  const dead = Math.max(0, 2 ** logSegment - tokens.length);
  return [tokens.length, ...tokens, ...new Array<number>(dead).fill(0)];
}
