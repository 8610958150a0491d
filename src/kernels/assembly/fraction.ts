import {
  c0,
  c1,
  c2,
  c3,
  c4,
  clearSums,
  loadB,
  loadD,
  loadDifferencesB,
  loadDifferencesD,
  loadMaskedB,
  mulBD,
  mulLoadB,
  mulLoadBD,
  putC,
  riseB,
  splatB,
  squareB,
  storeSums,
} from "./ext";
import { add, dot2, put, sub } from "./m31";
import { PAIR, SET, STAGED, scratch, stage, stagePair } from "./stage";

export function fractionLayer(pDst: usize, qDst: usize, p: usize, q: usize, n: i32, from: i32, to: i32): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const first = (<usize>from) << 2;
  const last = (<usize>to) << 2;
  const plane = 2 * top;
  if (half < STAGED)
    for (let i = first; i < last; i += 16)
      layerStep(pDst + i, qDst + i, top, p + i, q + i, top, plane, (top - i) >> 2);
  else
    for (let i = first; i < last; i += 64) {
      stagePair(0, p + i, top, plane);
      stagePair(1, q + i, top, plane);
      for (let x: usize = 0; x < 64; x += 16) {
        const s = scratch + x;
        layerStep(pDst + i + x, qDst + i + x, top, s, s + PAIR, SET, 64, 4);
      }
    }
}

function layerStep(
  pDst: usize,
  qDst: usize,
  dstPlane: usize,
  p: usize,
  q: usize,
  top: usize,
  plane: usize,
  count: i32,
): void {
  loadB(q + top, plane);
  loadD(q, plane);
  mulLoadBD(p, p + top, plane);
  putC(pDst, dstPlane, count);
  mulLoadB(q, plane);
  putC(qDst, dstPlane, count);
}

export function fractionLayerBase(pDst: usize, qDst: usize, p: usize, q: usize, n: i32, from: i32, to: i32): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const plane = 2 * top;
  for (let i = from; i < to; i += 4) {
    const at = (<usize>i) << 2;
    const p0 = v128.load(p + at);
    const p1 = v128.load(p + at + top);
    for (let j = 0; j < 5; j++) {
      const q0 = v128.load(q + at + j * plane);
      const q1 = v128.load(q + at + top + j * plane);
      put(pDst + at + j * top, dot2(p0, q1, p1, q0), half - i);
    }
    loadB(q + at + top, plane);
    mulLoadB(q + at, plane);
    putC(qDst + at, top, half - i);
  }
}

export function fractionRound(
  out: usize,
  eq: usize,
  p: usize,
  q: usize,
  n: i32,
  lambda: usize,
  from: i32,
  to: i32,
): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const first = (<usize>from) << 2;
  const last = (<usize>to) << 2;
  const row = 2 * top;
  const plane = 2 * row;
  clearSums();
  if (half < STAGED)
    for (let i = first; i < last; i += 16)
      fractionStep(eq + i, top, p + i, q + i, row, top, plane, (top - i) >> 2, lambda);
  else
    for (let i = first; i < last; i += 64) {
      stagePair(0, p + i, top, plane);
      stagePair(1, p + i + row, top, plane);
      stagePair(2, q + i, top, plane);
      stagePair(3, q + i + row, top, plane);
      stage(scratch + 4 * PAIR, eq + i, top);
      for (let s = scratch; s < scratch + 64; s += 16)
        fractionStep(s + 4 * PAIR, 64, s, s + 2 * PAIR, PAIR, SET, 64, 4, lambda);
    }
  storeSums(out);
}

/**
 * With P = p0 + λ·q0 and differences d on the top variable, the summand is P·q1 + p1·q0; its rise is
 * P(1)·dq1 + p1(1)·dq0 + dP·q1(0) + dp1·q0(0), its square dP·dq1 + dp1·dq0.
 */
function fractionStep(
  eq: usize,
  eqPlane: usize,
  p0: usize,
  q0: usize,
  row: usize,
  top: usize,
  plane: usize,
  count: i32,
  lambda: usize,
): void {
  const p1 = p0 + row;
  const q1 = q0 + row;
  splatB(lambda, 4);
  mulLoadB(q0 + top, plane);
  const h0 = add(c0, v128.load(p0 + top));
  const h1 = add(c1, v128.load(p0 + top + plane));
  const h2 = add(c2, v128.load(p0 + top + 2 * plane));
  const h3 = add(c3, v128.load(p0 + top + 3 * plane));
  const h4 = add(c4, v128.load(p0 + top + 4 * plane));
  mulLoadB(q0, plane);
  const d0 = sub(h0, add(c0, v128.load(p0)));
  const d1 = sub(h1, add(c1, v128.load(p0 + plane)));
  const d2 = sub(h2, add(c2, v128.load(p0 + 2 * plane)));
  const d3 = sub(h3, add(c3, v128.load(p0 + 3 * plane)));
  const d4 = sub(h4, add(c4, v128.load(p0 + 4 * plane)));
  const k0 = v128.load(p1 + top);
  const k1 = v128.load(p1 + top + plane);
  const k2 = v128.load(p1 + top + 2 * plane);
  const k3 = v128.load(p1 + top + 3 * plane);
  const k4 = v128.load(p1 + top + 4 * plane);
  const e0 = sub(k0, v128.load(p1));
  const e1 = sub(k1, v128.load(p1 + plane));
  const e2 = sub(k2, v128.load(p1 + 2 * plane));
  const e3 = sub(k3, v128.load(p1 + 3 * plane));
  const e4 = sub(k4, v128.load(p1 + 4 * plane));
  loadDifferencesB(q1, top, plane);
  loadDifferencesD(q0, top, plane);
  mulBD(d0, d1, d2, d3, d4, e0, e1, e2, e3, e4);
  const s0 = c0;
  const s1 = c1;
  const s2 = c2;
  const s3 = c3;
  const s4 = c4;
  mulBD(h0, h1, h2, h3, h4, k0, k1, k2, k3, k4);
  const r0 = c0;
  const r1 = c1;
  const r2 = c2;
  const r3 = c3;
  const r4 = c4;
  loadB(q1, plane);
  loadD(q0, plane);
  mulBD(d0, d1, d2, d3, d4, e0, e1, e2, e3, e4);
  loadMaskedB(eq, eqPlane, count);
  riseB(add(r0, c0), add(r1, c1), add(r2, c2), add(r3, c3), add(r4, c4));
  squareB(s0, s1, s2, s3, s4);
}
