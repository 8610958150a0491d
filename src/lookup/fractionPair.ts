import { allocExt, elementAt, type ProverContext, readExt, writeExt } from "../air/proverContext.ts";
import { eInv, eMul, eSub, type Ext, ONE, ZERO } from "../field/ext.ts";
import type { Ptr } from "../kernels/kernels.ts";

/** eq[i] = outer[i >> logInner]·inner[i mod 2^logInner]: never written out. */
export interface FactoredEq {
  readonly outer: Ptr;
  readonly inner: Ptr;
  readonly logInner: number;
}

/** A level of a fraction tree: numerators and denominators, extension vectors. */
export interface Level {
  readonly p: Ptr;
  readonly q: Ptr;
}

/** The leaves of a tree: numerators are a base vector, or null if all are 1. */
export interface Leaves {
  readonly base: Ptr | null;
  readonly q: Ptr;
}

/** A level as a sumcheck sees it: both halves of p and of q, bound variable by variable. */
export interface LevelSum {
  message(eq: FactoredEq): Message;
  bind(r: Ext): void;
  /** p0, p1, q0, q1 when all variables are bound. */
  values(): [Ext, Ext, Ext, Ext];
}

/** @param size the elements of a half */
export function levelSum(context: ProverContext, level: Level | Leaves, size: number, lambda: Ext): LevelSum {
  const { q } = level;
  if ("p" in level) return new Pair(context, level.p, q, size, lambda);
  return level.base === null
    ? new UnitPair(context, q, size, lambda)
    : new Pair(context, extended(context, level.base, 2 * size), q, size, lambda);
}

/** h(0) and the coefficient of X². */
type Message = readonly [start: Ext, square: Ext];

/**
 * Both halves of p and of q, (2, size) each. The summand is p0·q1 + p1·q0 + λ·q0·q1 = P·q1 + p1·q0 with P = p0 + λ·q0, which
 * takes p0's place from the start.
 */
class Pair implements LevelSum {
  readonly #context: ProverContext;
  readonly #lambda: Ext;
  readonly #out: Ptr;
  #p: Bound;
  #q: Bound;

  /** Overwrites p. */
  constructor(context: ProverContext, p: Ptr, q: Ptr, size: number, lambda: Ext) {
    const { arena, kernels } = context;
    this.#context = context;
    this.#lambda = lambda;
    this.#out = arena.alloc(10);
    kernels.axpyExt(p, 2 * size, q, size, allocExt(arena, lambda));
    this.#p = new Bound(context, p, size);
    this.#q = new Bound(context, q, size);
  }

  message({ outer, inner, logInner }: FactoredEq): Message {
    const { arena, kernels } = this.#context;
    kernels.fractionRound(this.#out, outer, inner, logInner, this.#p.ptr, this.#q.ptr, this.#q.size);
    return [readExt(arena, this.#out), readExt(arena, this.#out + 20)];
  }

  bind(r: Ext): void {
    this.#p.bind(r);
    this.#q.bind(r);
  }

  values(): [Ext, Ext, Ext, Ext] {
    const [sum, p1] = this.#p.values();
    const [q0, q1] = this.#q.values();
    return [eSub(sum, eMul(this.#lambda, q0)), p1, q0, q1];
  }
}

/**
 * Numerators that are all 1, and so stay when they are bound: q0 + q1 + λ·q0·q1 = λ·(q0 + 1/λ)·(q1 + 1/λ) − 1/λ.
 */
class UnitPair implements LevelSum {
  readonly #context: ProverContext;
  readonly #lambda: Ext;
  /** 1/λ. */
  readonly #shift: Ext;
  readonly #shiftPtr: Ptr;
  readonly #out: Ptr;
  readonly #q: Bound;

  constructor(context: ProverContext, q: Ptr, size: number, lambda: Ext) {
    this.#context = context;
    this.#lambda = lambda;
    this.#shift = eInv(lambda);
    this.#shiftPtr = allocExt(context.arena, this.#shift);
    this.#out = context.arena.alloc(10);
    this.#q = new Bound(context, q, size);
  }

  message({ outer, inner, logInner }: FactoredEq): Message {
    const { arena, kernels } = this.#context;
    const { ptr, size } = this.#q;
    kernels.unitRound(this.#out, outer, inner, logInner, ptr, size, this.#shiftPtr);
    const [start, square] = [readExt(arena, this.#out), readExt(arena, this.#out + 20)];
    // The weights eq add up to 1.
    return [eSub(eMul(this.#lambda, start), this.#shift), eMul(this.#lambda, square)];
  }

  bind(r: Ext): void {
    this.#q.bind(r);
  }

  values(): [Ext, Ext, Ext, Ext] {
    return [ONE, ONE, ...this.#q.values()];
  }
}

/** A base vector of n words as an extension vector. */
function extended({ arena, kernels }: ProverContext, base: Ptr, n: number): Ptr {
  const vector = arena.alloc(5 * n);
  kernels.fill(vector, n, n, allocExt(arena, ZERO));
  kernels.axpyBase(vector, n, base, n, allocExt(arena, ONE));
  return vector;
}

/** A (2, size) vector of which both rows are bound to challenges, by turns in two buffers. */
class Bound {
  readonly #context: ProverContext;
  readonly #challenge: Ptr;
  readonly #spare: Ptr[];
  #turn = 0;

  constructor(
    context: ProverContext,
    public ptr: Ptr,
    public size: number,
  ) {
    const { arena } = context;
    this.#context = context;
    this.#challenge = arena.alloc(5);
    this.#spare = [arena.alloc(5 * size), arena.alloc((5 * size) / 2)];
  }

  bind(r: Ext): void {
    const { arena, kernels } = this.#context;
    writeExt(arena, this.#challenge, r);
    const to = this.#spare[this.#turn] as Ptr;
    kernels.bindExt(to, this.ptr, 2, this.size, this.#challenge);
    this.#turn = 1 - this.#turn;
    this.ptr = to;
    this.size /= 2;
  }

  /** Both rows' one element. */
  values(): [Ext, Ext] {
    const { arena } = this.#context;
    return [elementAt(arena, this.ptr, 2, 0), elementAt(arena, this.ptr, 2, 1)];
  }
}
