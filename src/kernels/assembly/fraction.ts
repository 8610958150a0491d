import {
  addScaledSums,
  c0,
  c1,
  c2,
  c3,
  c4,
  clearMessage,
  clearSums,
  firstB,
  loadB,
  loadD,
  loadDifferencesB,
  loadDifferencesD,
  loadMaskedB,
  mulB,
  mulBD,
  mulLoadB,
  mulLoadBD,
  prepareB,
  putC,
  secondB,
} from "./ext";
import { add, dot2, put, sub } from "./m31";
import { PAIR, SET, STAGED, scratch, stagePair } from "./stage";

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
  outer: usize,
  inner: usize,
  logInner: i32,
  p: usize,
  q: usize,
  n: i32,
  from: i32,
  to: i32,
): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const row = 2 * top;
  const plane = 2 * row;
  const blocks = half >> logInner;
  const eqPlane = (<usize>4) << logInner;
  clearMessage(out);
  for (let o = from >> logInner; o << logInner < to; o++) {
    const start = (<usize>o << logInner) << 2;
    const first = max((<usize>from) << 2, start);
    const last = min((<usize>to) << 2, start + eqPlane);
    clearSums();
    if (half < STAGED)
      for (let i = first; i < last; i += 16)
        fractionStep(inner + i - start, eqPlane, p + i, q + i, row, top, plane, (last - i) >> 2);
    else
      for (let i = first; i < last; i += 64) {
        stagePair(0, p + i, top, plane);
        stagePair(1, p + i + row, top, plane);
        stagePair(2, q + i, top, plane);
        stagePair(3, q + i + row, top, plane);
        for (let x: usize = 0; x < 64; x += 16) {
          const s = scratch + x;
          fractionStep(inner + i + x - start, eqPlane, s, s + 2 * PAIR, PAIR, SET, 64, 4);
        }
      }
    addScaledSums(out, outer + ((<usize>o) << 2), (<usize>blocks) << 2);
  }
}

/** The summand is p0·q1 + p1·q0. */
function fractionStep(
  eq: usize,
  eqPlane: usize,
  p0: usize,
  q0: usize,
  row: usize,
  top: usize,
  plane: usize,
  count: i32,
): void {
  const p1 = p0 + row;
  const q1 = q0 + row;
  const l0 = v128.load(p0);
  const l1 = v128.load(p0 + plane);
  const l2 = v128.load(p0 + 2 * plane);
  const l3 = v128.load(p0 + 3 * plane);
  const l4 = v128.load(p0 + 4 * plane);
  const k0 = v128.load(p1);
  const k1 = v128.load(p1 + plane);
  const k2 = v128.load(p1 + 2 * plane);
  const k3 = v128.load(p1 + 3 * plane);
  const k4 = v128.load(p1 + 4 * plane);
  loadB(q1, plane);
  loadD(q0, plane);
  mulBD(l0, l1, l2, l3, l4, k0, k1, k2, k3, k4);
  const r0 = c0;
  const r1 = c1;
  const r2 = c2;
  const r3 = c3;
  const r4 = c4;
  loadDifferencesB(q1, top, plane);
  loadDifferencesD(q0, top, plane);
  mulBD(
    sub(v128.load(p0 + top), l0),
    sub(v128.load(p0 + top + plane), l1),
    sub(v128.load(p0 + top + 2 * plane), l2),
    sub(v128.load(p0 + top + 3 * plane), l3),
    sub(v128.load(p0 + top + 4 * plane), l4),
    sub(v128.load(p1 + top), k0),
    sub(v128.load(p1 + top + plane), k1),
    sub(v128.load(p1 + top + 2 * plane), k2),
    sub(v128.load(p1 + top + 3 * plane), k3),
    sub(v128.load(p1 + top + 4 * plane), k4),
  );
  const s0 = c0;
  const s1 = c1;
  const s2 = c2;
  const s3 = c3;
  const s4 = c4;
  loadMaskedB(eq, eqPlane, count);
  firstB(r0, r1, r2, r3, r4);
  secondB(s0, s1, s2, s3, s4);
}

export function unitLayer(pDst: usize, qDst: usize, q: usize, n: i32, from: i32, to: i32): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const plane = 2 * top;
  for (let i = from; i < to; i += 4) {
    const at = (<usize>i) << 2;
    for (let j = 0; j < 5; j++) {
      const q0 = v128.load(q + at + j * plane);
      put(pDst + at + j * top, add(q0, v128.load(q + at + top + j * plane)), half - i);
    }
    loadB(q + at + top, plane);
    mulLoadB(q + at, plane);
    putC(qDst + at, top, half - i);
  }
}

export function unitRound(
  out: usize,
  outer: usize,
  inner: usize,
  logInner: i32,
  q: usize,
  n: i32,
  shift: usize,
  from: i32,
  to: i32,
): void {
  const half = n >> 1;
  const top = (<usize>half) << 2;
  const row = 2 * top;
  const plane = 2 * row;
  const blocks = half >> logInner;
  const eqPlane = (<usize>4) << logInner;
  clearMessage(out);
  for (let o = from >> logInner; o << logInner < to; o++) {
    const start = (<usize>o << logInner) << 2;
    const first = max((<usize>from) << 2, start);
    const last = min((<usize>to) << 2, start + eqPlane);
    clearSums();
    if (half < STAGED)
      for (let i = first; i < last; i += 16)
        unitStep(inner + i - start, eqPlane, q + i, row, top, plane, (last - i) >> 2, shift);
    else
      for (let i = first; i < last; i += 64) {
        stagePair(0, q + i, top, plane);
        stagePair(1, q + i + row, top, plane);
        for (let x: usize = 0; x < 64; x += 16)
          unitStep(inner + i + x - start, eqPlane, scratch + x, PAIR, SET, 64, 4, shift);
      }
    addScaledSums(out, outer + ((<usize>o) << 2), (<usize>blocks) << 2);
  }
}

/** The summand is (q0 + shift)·(q1 + shift). */
function unitStep(
  eq: usize,
  eqPlane: usize,
  q0: usize,
  row: usize,
  top: usize,
  plane: usize,
  count: i32,
  shift: usize,
): void {
  const q1 = q0 + row;
  const m0 = v128.load32_splat(shift);
  const m1 = v128.load32_splat(shift, 4);
  const m2 = v128.load32_splat(shift, 8);
  const m3 = v128.load32_splat(shift, 12);
  const m4 = v128.load32_splat(shift, 16);
  const l0 = v128.load(q0);
  const l1 = v128.load(q0 + plane);
  const l2 = v128.load(q0 + 2 * plane);
  const l3 = v128.load(q0 + 3 * plane);
  const l4 = v128.load(q0 + 4 * plane);
  prepareB(
    add(v128.load(q1), m0),
    add(v128.load(q1 + plane), m1),
    add(v128.load(q1 + 2 * plane), m2),
    add(v128.load(q1 + 3 * plane), m3),
    add(v128.load(q1 + 4 * plane), m4),
  );
  mulB(add(l0, m0), add(l1, m1), add(l2, m2), add(l3, m3), add(l4, m4));
  const r0 = c0;
  const r1 = c1;
  const r2 = c2;
  const r3 = c3;
  const r4 = c4;
  loadDifferencesB(q1, top, plane);
  mulB(
    sub(v128.load(q0 + top), l0),
    sub(v128.load(q0 + top + plane), l1),
    sub(v128.load(q0 + top + 2 * plane), l2),
    sub(v128.load(q0 + top + 3 * plane), l3),
    sub(v128.load(q0 + top + 4 * plane), l4),
  );
  const s0 = c0;
  const s1 = c1;
  const s2 = c2;
  const s3 = c3;
  const s4 = c4;
  loadMaskedB(eq, eqPlane, count);
  firstB(r0, r1, r2, r3, r4);
  secondB(s0, s1, s2, s3, s4);
}
