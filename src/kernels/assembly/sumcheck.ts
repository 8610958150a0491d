import { c0, c1, c2, c3, c4, clearSums, loadB, loadD, loadDifferencesB, loadMaskedB, mulB, mulBD, firstB, secondB, storeSums } from "./ext";
import { lanes, sub } from "./m31";
import { PAIR, SET, STAGED, scratch, stage, stagePair } from "./stage";

export function productRound(out: usize, a: usize, b: usize, n: i32, from: i32, to: i32): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const first = (<usize>from) << 2;
  const last = (<usize>to) << 2;
  const plane = 2 * top;
  clearSums();
  if (half < STAGED)
    for (let i = first; i < last; i += 16) productStep(a + i, b + i, top, plane, (top - i) >> 2);
  else
    for (let i = first; i < last; i += 64) {
      stagePair(0, a + i, top, plane);
      stagePair(1, b + i, top, plane);
      for (let s = scratch; s < scratch + 64; s += 16) productStep(s, s + PAIR, SET, 64, 4);
    }
  storeSums(out);
}

function productStep(a: usize, b: usize, top: usize, plane: usize, count: i32): void {
  const mask = lanes(count);
  loadDifferencesB(b, top, plane);
  const a0 = v128.and(mask, v128.load(a + top));
  const a1 = v128.and(mask, v128.load(a + top + plane));
  const a2 = v128.and(mask, v128.load(a + top + 2 * plane));
  const a3 = v128.and(mask, v128.load(a + top + 3 * plane));
  const a4 = v128.and(mask, v128.load(a + top + 4 * plane));
  const d0 = sub(a0, v128.and(mask, v128.load(a)));
  const d1 = sub(a1, v128.and(mask, v128.load(a + plane)));
  const d2 = sub(a2, v128.and(mask, v128.load(a + 2 * plane)));
  const d3 = sub(a3, v128.and(mask, v128.load(a + 3 * plane)));
  const d4 = sub(a4, v128.and(mask, v128.load(a + 4 * plane)));
  firstB(a0, a1, a2, a3, a4);
  secondB(d0, d1, d2, d3, d4);
  loadB(b, plane);
  firstB(d0, d1, d2, d3, d4);
}

export function eqProductRound(out: usize, eq: usize, a: usize, b: usize, n: i32, from: i32, to: i32): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const first = (<usize>from) << 2;
  const last = (<usize>to) << 2;
  const plane = 2 * top;
  clearSums();
  if (half < STAGED)
    for (let i = first; i < last; i += 16)
      eqProductStep(eq + i, top, a + i, b + i, top, plane, (top - i) >> 2);
  else
    for (let i = first; i < last; i += 64) {
      stagePair(0, a + i, top, plane);
      stagePair(1, b + i, top, plane);
      stage(scratch + 2 * PAIR, eq + i, top);
      for (let s = scratch; s < scratch + 64; s += 16)
        eqProductStep(s + 2 * PAIR, 64, s, s + PAIR, SET, 64, 4);
    }
  storeSums(out);
}

function eqProductStep(
  eq: usize,
  eqPlane: usize,
  a: usize,
  b: usize,
  top: usize,
  plane: usize,
  count: i32,
): void {
  loadDifferencesB(b, top, plane);
  loadD(b, plane);
  const a0 = v128.load(a + top);
  const a1 = v128.load(a + top + plane);
  const a2 = v128.load(a + top + 2 * plane);
  const a3 = v128.load(a + top + 3 * plane);
  const a4 = v128.load(a + top + 4 * plane);
  const d0 = sub(a0, v128.load(a));
  const d1 = sub(a1, v128.load(a + plane));
  const d2 = sub(a2, v128.load(a + 2 * plane));
  const d3 = sub(a3, v128.load(a + 3 * plane));
  const d4 = sub(a4, v128.load(a + 4 * plane));
  mulBD(a0, a1, a2, a3, a4, d0, d1, d2, d3, d4);
  const r0 = c0;
  const r1 = c1;
  const r2 = c2;
  const r3 = c3;
  const r4 = c4;
  mulB(d0, d1, d2, d3, d4);
  const s0 = c0;
  const s1 = c1;
  const s2 = c2;
  const s3 = c3;
  const s4 = c4;
  loadMaskedB(eq, eqPlane, count);
  firstB(r0, r1, r2, r3, r4);
  secondB(s0, s1, s2, s3, s4);
}
