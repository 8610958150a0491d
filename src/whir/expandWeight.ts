import { type Ext, eMul, eScale, ONE } from "../field/ext.ts";
import { mul } from "../field/m31.ts";
import type { Prover } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { eqVector } from "./columnsAt.ts";
import { putScalars, zeroVector } from "./memory.ts";
import type { WeightTerm } from "./weight.ts";

/** Variables of the contiguous part of a tensor product. */
const LOG_INNER = 9;

/**
 * Adds the terms to a weight vector of 2^variables extension elements at dst.
 *
 * @example
 * ```ts
 * const weight = zeroVector(prover, 2 ** 20);
 * addTerms(prover, weight, 20, [{ coefficient, kind: "eq", offset: 0, point }]);
 * ```
 */
export function addTerms(
  prover: Prover,
  dst: Ptr,
  variables: number,
  terms: readonly WeightTerm<Ext>[],
): void {
  for (const group of groupBySuffix(terms.filter((term) => term.kind === "eq")))
    addEqTerms(prover, dst, variables, group);
  const blocks = new Map<string, WeightTerm<Ext>[]>();
  for (const term of terms) {
    if (term.kind !== "line") continue;
    const key = `${term.offset} ${term.point.length}`;
    const block = blocks.get(key);
    if (block) block.push(term);
    else blocks.set(key, [term]);
  }
  for (const block of blocks.values()) addLineTerms(prover, dst, 2 ** variables, block);
}

/** Terms whose points end in the same LOG_INNER coordinates (or, if shorter, are the same). */
export function groupBySuffix<T extends { readonly point: readonly Ext[] }>(terms: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const term of terms) {
    const key = term.point.slice(-LOG_INNER).join(";");
    const group = groups.get(key);
    if (group) group.push(term);
    else groups.set(key, [term]);
  }
  return [...groups.values()];
}

/**
 * Terms that share the inner part of their tensor products: the outer parts, which are short, are added
 * up first. Claims from one sumcheck end in the same coordinates.
 */
function addEqTerms(prover: Prover, dst: Ptr, variables: number, terms: readonly WeightTerm<Ext>[]): void {
  const { kernels, arena } = prover;
  const mark = arena.mark();
  const { point } = terms[0] as WeightTerm<Ext>;
  const logInner = Math.min(point.length, LOG_INNER);
  const inner = eqVector(prover, point.slice(point.length - logInner));
  const blocks = 2 ** (variables - logInner);
  const outer = zeroVector(prover, blocks);
  const one = putScalars(arena, [ONE]);
  for (const { coefficient, offset, point } of terms) {
    const logOuter = point.length - logInner;
    const own = eqVector(prover, point.slice(0, logOuter), coefficient);
    kernels.addOuter(outer + (4 * offset) / 2 ** logInner, blocks, one, 1, own, 2 ** logOuter);
  }
  kernels.addOuter(dst, 2 ** variables, outer, blocks, inner, 2 ** logInner);
  arena.release(mark);
}

/**
 * All in-domain terms of one block: entry (i, j) gets Σ_q a_q[i]·b_q[j], with b_q the monomials of the
 * low variables (base) and a_q those of the high ones times the coefficient: for every i one
 * contraction of the matrix b, at the price of a base × extension multiply-add per entry and query.
 */
function addLineTerms(prover: Prover, dst: Ptr, stride: number, terms: readonly WeightTerm<Ext>[]): void {
  const { kernels, arena } = prover;
  const mark = arena.mark();
  const { offset, point } = terms[0] as WeightTerm<Ext>;
  const queries = terms.length;
  const logInner = Math.min(point.length, LOG_INNER);
  const [outer, inner] = [2 ** (point.length - logInner), 2 ** logInner];
  const b = arena.alloc(queries * inner); // (query, inner)
  const a = arena.alloc(outer * 5 * queries); // (outer, coordinate, query)
  const row = arena.alloc(5 * inner);
  const one = putScalars(arena, [ONE]);
  terms.forEach((term, q) => {
    const powers = term.point.map(([x]) => x);
    arena.u32(b + 4 * q * inner, inner).set(monomials(powers.slice(powers.length - logInner)));
    const high = monomials(powers.slice(0, powers.length - logInner));
    const to = arena.u32(a, outer * 5 * queries);
    high.forEach((value, i) => {
      const scaled = eScale(term.coefficient, value);
      for (let j = 0; j < 5; j++) to[(i * 5 + j) * queries + q] = scaled[j] as number;
    });
  });
  for (let i = 0; i < outer; i++) {
    kernels.contractBase(row, b, a + 4 * i * 5 * queries, 1, queries, inner);
    kernels.addOuter(dst + 4 * (offset + i * inner), stride, one, 1, row, inner);
  }
  arena.release(mark);
}

/** Π over the set bits of b of the powers, most significant first: 2^k base elements. */
function monomials(powers: readonly number[]): Uint32Array {
  const table = new Uint32Array(2 ** powers.length).fill(1);
  let known = 1;
  for (let i = powers.length - 1; i >= 0; i--) {
    for (let b = 0; b < known; b++) table[known + b] = mul(table[b] as number, powers[i] as number);
    known *= 2;
  }
  return table;
}

/** The terms, each coefficient times `factor`. */
export function scaleTerms(terms: readonly WeightTerm<Ext>[], factor: Ext): WeightTerm<Ext>[] {
  return terms.map((term) => ({ ...term, coefficient: eMul(factor, term.coefficient) }));
}
