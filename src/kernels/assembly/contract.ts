import { addC, mulLoadB, putC, splatB } from "./ext";
import { fold, HIGH, high, LOW, lanes, low, put, reduce, sum4, sumLanes } from "./m31";

/** Rows per pass: so few streams of src that their cache lines survive until the next vectors. */
const TILE: i32 = 8;
/** Rows so short that more of them fit the first cache are taken together. */
const TILE_WORDS: i32 = 4096;

export function contractBase(
  dst: usize,
  src: usize,
  weights: usize,
  outer: i32,
  size: i32,
  inner: i32,
  from: i32,
  to: i32,
): void {
  const plane = (<usize>outer * inner) << 2;
  const tile = max(TILE, TILE_WORDS / inner);
  for (let o = from / inner; o * inner < to; o++) {
    const x = max(from - o * inner, 0);
    const width = min(to - o * inner, inner) - x;
    const at = src + ((<usize>o * size * inner + x) << 2);
    const sum = dst + ((<usize>o * inner + x) << 2);
    if (inner == 1) innerProductsBase(sum, plane, at, weights, size);
    else
      for (let k = 0; k < size; k += tile)
        addTile(sum, plane, at, weights, k, min(k + tile, size), size, width, inner);
  }
}

/** dst[x] (+)= Σ_{start ≤ k < end} weights[k]·src[k·inner + x] for x < width, added to dst unless start = 0. */
function addTile(
  dst: usize,
  plane: usize,
  src: usize,
  weights: usize,
  start: i32,
  end: i32,
  size: i32,
  width: i32,
  inner: i32,
): void {
  const pitch = (<usize>inner) << 2;
  for (let x = 0; x < width; x += 4) {
    const at = src + ((<usize>x) << 2);
    const to = dst + ((<usize>x) << 2);
    for (let j = 0; j < 5; j++) {
      const w = weights + ((<usize>size * j) << 2);
      const old = start == 0 ? i32x4.splat(0) : v128.load(to + j * plane);
      let sumLow = i64x2.extend_low_i32x4_u(old);
      let sumHigh = i64x2.extend_high_i32x4_u(old);
      let k = start;
      for (; k + 4 <= end; k += 4) {
        const w0 = v128.load32_splat(w + ((<usize>k) << 2));
        const w1 = v128.load32_splat(w + ((<usize>k) << 2), 4);
        const w2 = v128.load32_splat(w + ((<usize>k) << 2), 8);
        const w3 = v128.load32_splat(w + ((<usize>k) << 2), 12);
        const v0 = v128.load(at + k * pitch);
        const v1 = v128.load(at + (k + 1) * pitch);
        const v2 = v128.load(at + (k + 2) * pitch);
        const v3 = v128.load(at + (k + 3) * pitch);
        sumLow = i64x2.add(sumLow, fold(sum4(LOW, v0, w0, v1, w1, v2, w2, v3, w3)));
        sumHigh = i64x2.add(sumHigh, fold(sum4(HIGH, v0, w0, v1, w1, v2, w2, v3, w3)));
      }
      for (; k < end; k++) {
        const weight = v128.load32_splat(w + ((<usize>k) << 2));
        const v = v128.load(at + k * pitch);
        sumLow = i64x2.add(sumLow, fold(low(weight, v)));
        sumHigh = i64x2.add(sumHigh, fold(high(weight, v)));
      }
      put(to + j * plane, reduce(sumLow, sumHigh), width - x);
    }
  }
}

/** inner = 1: each coordinate is an inner product along memory. */
function innerProductsBase(dst: usize, plane: usize, src: usize, weights: usize, size: i32): void {
  for (let j = 0; j < 5; j++) {
    const w = weights + ((<usize>size * j) << 2);
    let sumLow = i32x4.splat(0);
    let sumHigh = i32x4.splat(0);
    for (let k = 0; k < size; k += 8) {
      const at = (<usize>k) << 2;
      const v0 = v128.and(v128.load(src + at), lanes(size - k));
      const v1 = v128.and(v128.load(src + at, 16), lanes(size - k - 4));
      const w0 = v128.load(w + at);
      const w1 = v128.load(w + at, 16);
      sumLow = i64x2.add(sumLow, fold(i64x2.add(low(v0, w0), low(v1, w1))));
      sumHigh = i64x2.add(sumHigh, fold(i64x2.add(high(v0, w0), high(v1, w1))));
    }
    store<u32>(dst + j * plane, sumLanes(sumLow, sumHigh));
  }
}

export function contractExt(
  dst: usize,
  src: usize,
  weights: usize,
  outer: i32,
  size: i32,
  inner: i32,
  from: i32,
  to: i32,
): void {
  const plane = (<usize>outer * inner) << 2;
  for (let o = from / inner; o * inner < to; o++) {
    const first = max(from - o * inner, 0);
    const last = min(to - o * inner, inner);
    for (let k = 0; k < size; k++) {
      splatB(weights + ((<usize>k) << 2), (<usize>size) << 2);
      const row = src + (((<usize>o * size + k) * inner) << 2);
      for (let x = first; x < last; x += 4) {
        mulLoadB(row + ((<usize>x) << 2), plane * size);
        const at = dst + ((<usize>o * inner + x) << 2);
        if (k == 0) putC(at, plane, last - x);
        else addC(at, plane, last - x);
      }
    }
  }
}
