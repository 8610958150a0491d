import { type Ext, eAdd, eMul, eScale, eSub, ONE, ZERO } from "../../field/ext.ts";
import type { Kernels, Ptr } from "../kernels.ts";
import { load, loadExt, storeExt, wordsAt } from "./words.ts";

type Rounds =
  | "productRound"
  | "eqProductRound"
  | "fractionLayer"
  | "fractionLayerBase"
  | "fractionRound"
  | "unitLayer"
  | "unitRound";

/** A linear polynomial on a line of the hypercube: its values at 0 and 1. */
type Linear = readonly [at0: Ext, at1: Ext];

export function scalarSumcheck(memory: WebAssembly.Memory): Pick<Kernels, Rounds> {
  const words = (ptr: Ptr) => wordsAt(memory, ptr);

  /** Element i of half h of a vector: its top variable's line. */
  function line(v: Uint32Array, stride: number, i: number, half: number): Linear {
    return [loadExt(v, stride, i), loadExt(v, stride, i + half)];
  }

  /** out = h(1) − h(0) and the X² coefficient of h = Σ_i weight(i)·Σ (products of two lines). */
  function round(
    out: Ptr,
    half: number,
    weight: (i: number) => Ext,
    products: (i: number) => readonly (readonly [Linear, Linear])[],
  ): void {
    let rise = ZERO;
    let square = ZERO;
    for (let i = 0; i < half; i++)
      for (const [a, b] of products(i)) {
        const e = weight(i);
        const difference = eSub(eMul(a[1], b[1]), eMul(a[0], b[0]));
        rise = eAdd(rise, eMul(e, difference));
        square = eAdd(square, eMul(e, eMul(eSub(a[1], a[0]), eSub(b[1], b[0]))));
      }
    storeExt(words(out), 1, 0, rise);
    storeExt(words(out), 1, 5, square);
  }

  /** out = h(0) and the X² coefficient. */
  function fractions(
    out: Ptr,
    weight: (i: number) => Ext,
    half: number,
    products: (i: number) => readonly (readonly [Linear, Linear])[],
  ): void {
    let start = ZERO;
    let square = ZERO;
    for (let i = 0; i < half; i++)
      for (const [a, b] of products(i)) {
        start = eAdd(start, eMul(weight(i), eMul(a[0], b[0])));
        square = eAdd(square, eMul(weight(i), eMul(eSub(a[1], a[0]), eSub(b[1], b[0]))));
      }
    storeExt(words(out), 1, 0, start);
    storeExt(words(out), 1, 5, square);
  }

  /** eq[i] = outer[i >> logInner]·inner[i mod 2^logInner], `count` elements. */
  function factoredEq(outer: Ptr, inner: Ptr, logInner: number, count: number): (i: number) => Ext {
    const block = 2 ** logInner;
    return (i) =>
      eMul(
        loadExt(words(outer), count / block, Math.floor(i / block)),
        loadExt(words(inner), block, i % block),
      );
  }

  function layer(
    pDst: Ptr,
    qDst: Ptr,
    q: Ptr,
    n: number,
    term: (denominator: Ext, numerator: number) => Ext,
  ): void {
    const half = n / 2;
    for (let i = 0; i < half; i++) {
      const q0 = loadExt(words(q), n, i);
      const q1 = loadExt(words(q), n, i + half);
      storeExt(words(pDst), half, i, eAdd(term(q1, i), term(q0, i + half)));
      storeExt(words(qDst), half, i, eMul(q0, q1));
    }
  }

  return {
    productRound(out, a, b, n) {
      const half = n / 2;
      round(
        out,
        half,
        () => ONE,
        (i) => [[line(words(a), n, i, half), line(words(b), n, i, half)]],
      );
    },
    eqProductRound(out, eq, a, b, n) {
      const half = n / 2;
      const weight = (i: number) => loadExt(words(eq), half, i);
      round(out, half, weight, (i) => [[line(words(a), n, i, half), line(words(b), n, i, half)]]);
    },
    fractionLayer(pDst, qDst, p, q, n) {
      layer(pDst, qDst, q, n, (denominator, i) => eMul(denominator, loadExt(words(p), n, i)));
    },
    fractionLayerBase(pDst, qDst, p, q, n) {
      layer(pDst, qDst, q, n, (denominator, i) => eScale(denominator, load(words(p), i)));
    },
    fractionRound(out, outer, inner, logInner, p, q, n) {
      fractions(out, factoredEq(outer, inner, logInner, n / 2), n / 2, (i) => {
        const p0 = line(words(p), 2 * n, i, n / 2);
        const p1 = line(words(p), 2 * n, n + i, n / 2);
        const q0 = line(words(q), 2 * n, i, n / 2);
        const q1 = line(words(q), 2 * n, n + i, n / 2);
        return [
          [p0, q1],
          [p1, q0],
        ];
      });
    },
    unitLayer(pDst, qDst, q, n) {
      layer(pDst, qDst, q, n, (denominator) => denominator);
    },
    unitRound(out, outer, inner, logInner, q, n, shift) {
      const offset = loadExt(words(shift), 1, 0);
      const shifted = (from: number): Linear => {
        const [at0, at1] = line(words(q), 2 * n, from, n / 2);
        return [eAdd(at0, offset), eAdd(at1, offset)];
      };
      fractions(out, factoredEq(outer, inner, logInner, n / 2), n / 2, (i) => [[shifted(i), shifted(n + i)]]);
    },
  };
}
