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
  mulB,
  mulBD,
  mulLoadB,
  mulLoadBD,
  putC,
  riseB,
  riseBD,
  splatB,
  squareB,
  storeSums,
} from "./ext";
import { add, dot2, fold, high, high4, lanes, low, low4, P, put, sub, sumLanes } from "./m31";

/** Elements per pass over base data, so that it stays in the first cache for all five coordinates. */
const CHUNK: i32 = 1024;

/** out[j] += x + y over all lanes. */
function addTo(out: usize, x: v128, y: v128): void {
  const sum = load<u32>(out) + sumLanes(x, y);
  store<u32>(out, sum >= <u32>P ? sum - P : sum);
}

/** As `productRound`, coordinate by coordinate. */
export function productRoundBase(out: usize, v: usize, w: usize, n: i32): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  for (let j = 0; j < 10; j++) store<u32>(out + (j << 2), 0);
  for (let start = 0; start < half; start += CHUNK) {
    const end = min(start + CHUNK, half);
    for (let j = 0; j < 5; j++) {
      const plane = w + 2 * j * top;
      let riseLow = i32x4.splat(0);
      let riseHigh = i32x4.splat(0);
      let squareLow = i32x4.splat(0);
      let squareHigh = i32x4.splat(0);
      for (let i = start; i < end; i += 8) {
        const at = <usize>i << 2;
        const mask = lanes(half - i);
        const v0 = v128.and(v128.load(v + at), mask);
        const v1 = v128.and(v128.load(v + at + top), mask);
        const w0 = v128.load(plane + at);
        const dv = sub(v1, v0);
        const dw = sub(v128.load(plane + at + top), w0);
        const rest = lanes(half - i - 4);
        const x0 = v128.and(v128.load(v + at + 16), rest);
        const x1 = v128.and(v128.load(v + at + top + 16), rest);
        const y0 = v128.load(plane + at + 16);
        const dx = sub(x1, x0);
        const dy = sub(v128.load(plane + at + top + 16), y0);
        const riseLows = low4(v1, dw, dv, w0, x1, dy, dx, y0);
        const riseHighs = high4(v1, dw, dv, w0, x1, dy, dx, y0);
        const squareLows = i64x2.add(low(dv, dw), low(dx, dy));
        const squareHighs = i64x2.add(high(dv, dw), high(dx, dy));
        riseLow = i64x2.add(riseLow, fold(riseLows));
        riseHigh = i64x2.add(riseHigh, fold(riseHighs));
        squareLow = i64x2.add(squareLow, fold(squareLows));
        squareHigh = i64x2.add(squareHigh, fold(squareHighs));
      }
      addTo(out + (j << 2), riseLow, riseHigh);
      addTo(out + 20 + (j << 2), squareLow, squareHigh);
    }
  }
}

/** With differences d on the top variable, the rise of a·b is a(1)·db + da·b(0). */
export function productRound(out: usize, a: usize, b: usize, n: i32): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  const plane = 2 * top;
  clearSums();
  for (let i = 0; i < half; i += 4) {
    const at = <usize>i << 2;
    loadDifferencesB(b + at, top, plane);
    loadD(b + at, plane);
    const mask = lanes(half - i);
    const a0 = v128.and(mask, v128.load(a + at + top + 0 * plane));
    const a1 = v128.and(mask, v128.load(a + at + top + 1 * plane));
    const a2 = v128.and(mask, v128.load(a + at + top + 2 * plane));
    const a3 = v128.and(mask, v128.load(a + at + top + 3 * plane));
    const a4 = v128.and(mask, v128.load(a + at + top + 4 * plane));
    const d0 = sub(a0, v128.and(mask, v128.load(a + at + 0 * plane)));
    const d1 = sub(a1, v128.and(mask, v128.load(a + at + 1 * plane)));
    const d2 = sub(a2, v128.and(mask, v128.load(a + at + 2 * plane)));
    const d3 = sub(a3, v128.and(mask, v128.load(a + at + 3 * plane)));
    const d4 = sub(a4, v128.and(mask, v128.load(a + at + 4 * plane)));
    riseBD(a0, a1, a2, a3, a4, d0, d1, d2, d3, d4);
    squareB(d0, d1, d2, d3, d4);
  }
  storeSums(out);
}

export function eqProductRound(out: usize, eq: usize, a: usize, b: usize, n: i32): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  const plane = 2 * top;
  clearSums();
  for (let i = 0; i < half; i += 4) {
    const at = <usize>i << 2;
    loadDifferencesB(b + at, top, plane);
    loadD(b + at, plane);
    const a0 = v128.load(a + at + top + 0 * plane);
    const a1 = v128.load(a + at + top + 1 * plane);
    const a2 = v128.load(a + at + top + 2 * plane);
    const a3 = v128.load(a + at + top + 3 * plane);
    const a4 = v128.load(a + at + top + 4 * plane);
    const d0 = sub(a0, v128.load(a + at + 0 * plane));
    const d1 = sub(a1, v128.load(a + at + 1 * plane));
    const d2 = sub(a2, v128.load(a + at + 2 * plane));
    const d3 = sub(a3, v128.load(a + at + 3 * plane));
    const d4 = sub(a4, v128.load(a + at + 4 * plane));
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
    loadMaskedB(eq + at, top, half - i);
    riseB(r0, r1, r2, r3, r4);
    squareB(s0, s1, s2, s3, s4);
  }
  storeSums(out);
}

export function fractionLayer(pDst: usize, qDst: usize, p: usize, q: usize, n: i32): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  const plane = 2 * top;
  for (let i = 0; i < half; i += 4) {
    const at = <usize>i << 2;
    loadB(q + at + top, plane);
    loadD(q + at, plane);
    mulLoadBD(p + at, p + at + top, plane);
    putC(pDst + at, top, half - i);
    mulLoadB(q + at, plane);
    putC(qDst + at, top, half - i);
  }
}

export function fractionLayerBase(pDst: usize, qDst: usize, p: usize, q: usize, n: i32): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  const plane = 2 * top;
  for (let i = 0; i < half; i += 4) {
    const at = <usize>i << 2;
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

/**
 * With P = p0 + λ·q0 and differences d on the top variable, the summand is P·q1 + p1·q0; its rise is
 * P(1)·dq1 + p1(1)·dq0 + dP·q1(0) + dp1·q0(0), its square dP·dq1 + dp1·dq0.
 */
export function fractionRound(
  out: usize,
  eq: usize,
  p: usize,
  q: usize,
  n: i32,
  lambda: usize,
): void {
  const half = n >> 1;
  const top = <usize>half << 2;
  const row = 2 * top;
  const plane = 2 * row;
  clearSums();
  for (let i = 0; i < half; i += 4) {
    const p0 = p + (<usize>i << 2);
    const p1 = p0 + row;
    const q0 = q + (<usize>i << 2);
    const q1 = q0 + row;
    splatB(lambda, 4);
    mulLoadB(q0 + top, plane);
    const h0 = add(c0, v128.load(p0 + top + 0 * plane));
    const h1 = add(c1, v128.load(p0 + top + 1 * plane));
    const h2 = add(c2, v128.load(p0 + top + 2 * plane));
    const h3 = add(c3, v128.load(p0 + top + 3 * plane));
    const h4 = add(c4, v128.load(p0 + top + 4 * plane));
    mulLoadB(q0, plane);
    const d0 = sub(h0, add(c0, v128.load(p0 + 0 * plane)));
    const d1 = sub(h1, add(c1, v128.load(p0 + 1 * plane)));
    const d2 = sub(h2, add(c2, v128.load(p0 + 2 * plane)));
    const d3 = sub(h3, add(c3, v128.load(p0 + 3 * plane)));
    const d4 = sub(h4, add(c4, v128.load(p0 + 4 * plane)));
    const k0 = v128.load(p1 + top + 0 * plane);
    const k1 = v128.load(p1 + top + 1 * plane);
    const k2 = v128.load(p1 + top + 2 * plane);
    const k3 = v128.load(p1 + top + 3 * plane);
    const k4 = v128.load(p1 + top + 4 * plane);
    const e0 = sub(k0, v128.load(p1 + 0 * plane));
    const e1 = sub(k1, v128.load(p1 + 1 * plane));
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
    loadMaskedB(eq + (<usize>i << 2), top, half - i);
    riseB(add(r0, c0), add(r1, c1), add(r2, c2), add(r3, c3), add(r4, c4));
    squareB(s0, s1, s2, s3, s4);
  }
  storeSums(out);
}
