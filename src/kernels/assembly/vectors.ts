import { addC, c0, c1, c2, c3, c4, mulB, mulLoadB, splatB } from "./ext";
import { add, mul, put, sub } from "./m31";

export function bindExt(dst: usize, src: usize, rows: i32, n: i32, r: usize, from: i32, to: i32): void {
  const half = n >> 1;
  const rise = (<usize>half) << 2;
  const plane = <usize>rows * rise;
  splatB(r, 4);
  for (let row = 0; row < rows; row++) {
    for (let i = from; i < to; i += 4) {
      const at = src + 2 * row * rise + (i << 2);
      const l0 = v128.load(at);
      const l1 = v128.load(at + 2 * plane);
      const l2 = v128.load(at + 4 * plane);
      const l3 = v128.load(at + 6 * plane);
      const l4 = v128.load(at + 8 * plane);
      mulB(
        sub(v128.load(at + rise), l0),
        sub(v128.load(at + rise + 2 * plane), l1),
        sub(v128.load(at + rise + 4 * plane), l2),
        sub(v128.load(at + rise + 6 * plane), l3),
        sub(v128.load(at + rise + 8 * plane), l4),
      );
      const bound = dst + row * rise + (i << 2);
      const count = half - i;
      put(bound, add(l0, c0), count);
      put(bound + plane, add(l1, c1), count);
      put(bound + 2 * plane, add(l2, c2), count);
      put(bound + 3 * plane, add(l3, c3), count);
      put(bound + 4 * plane, add(l4, c4), count);
    }
  }
}

/** Moves `share` of what is at `low` to `top`. */
@inline
function split(low: usize, top: usize, share: v128, count: i32): void {
  const rest = sub(v128.load(low), share);
  put(top, share, count);
  put(low, rest, count);
}

/** Points of more variables than these are split into blocks, one for each value of the leading ones. */
const LOG_BLOCKS: i32 = 4;

/** Unit b is the block whose leading variables are the bits of b. */
export function eqTable(dst: usize, point: usize, k: i32, scale: usize, from: i32, to: i32): void {
  const plane = (<usize>4) << k;
  const leading = k > LOG_BLOCKS ? LOG_BLOCKS : 0;
  const rest = k - leading;
  for (let b = from; b < to; b++) {
    const block = dst + ((<usize>b << rest) << 2);
    for (let j = 0; j < 5; j++) store<u32>(block + j * plane, load<u32>(scale + (j << 2)));
    for (let i = 0; i < leading; i++) {
      splatB(point + 20 * i, 4);
      selectFirst(block, plane, (b >> (leading - 1 - i)) & 1);
    }
    eqBlock(block, plane, point + 20 * leading, rest);
  }
}

/** The one element at ptr, times B or times 1 − B. */
function selectFirst(ptr: usize, plane: usize, bit: i32): void {
  mulLoadB(ptr, plane);
  put(ptr, bit ? c0 : sub(v128.load(ptr), c0), 1);
  put(ptr + plane, bit ? c1 : sub(v128.load(ptr + plane), c1), 1);
  put(ptr + 2 * plane, bit ? c2 : sub(v128.load(ptr + 2 * plane), c2), 1);
  put(ptr + 3 * plane, bit ? c3 : sub(v128.load(ptr + 3 * plane), c3), 1);
  put(ptr + 4 * plane, bit ? c4 : sub(v128.load(ptr + 4 * plane), c4), 1);
}

/** Variable by variable from the last: the table of t values doubles to (t·(1 − z), t·z). */
function eqBlock(dst: usize, plane: usize, point: usize, k: i32): void {
  for (let size = 1; k > 0; size <<= 1) {
    k--;
    splatB(point + 20 * k, 4);
    const top = (<usize>size) << 2;
    for (let i = 0; i < size; i += 4) {
      const at = dst + (i << 2);
      const count = size - i;
      mulLoadB(at, plane);
      split(at, at + top, c0, count);
      split(at + plane, at + plane + top, c1, count);
      split(at + 2 * plane, at + 2 * plane + top, c2, count);
      split(at + 3 * plane, at + 3 * plane + top, c3, count);
      split(at + 4 * plane, at + 4 * plane + top, c4, count);
    }
  }
}

/** Units are elements. */
export function addOuter(
  dst: usize,
  stride: i32,
  a: usize,
  na: i32,
  b: usize,
  nb: i32,
  from: i32,
  to: i32,
): void {
  if (nb == 1 && na > 1) return addOuter(dst, stride, b, 1, a, na, from, to);
  const plane = (<usize>stride) << 2;
  for (let i = from / nb; i * nb < to; i++) {
    if (isZero(a + (i << 2), (<usize>na) << 2)) continue;
    splatB(a + (i << 2), (<usize>na) << 2);
    const row = dst + i * ((<usize>nb) << 2);
    const last = min(to - i * nb, nb);
    for (let j = max(from - i * nb, 0); j < last; j += 4) {
      mulLoadB(b + (j << 2), (<usize>nb) << 2);
      addC(row + (j << 2), plane, last - j);
    }
  }
}

/** Whether the scalar whose coordinates are `plane` bytes apart is 0. */
function isZero(ptr: usize, plane: usize): bool {
  return (
    (load<u32>(ptr) |
      load<u32>(ptr + plane) |
      load<u32>(ptr + 2 * plane) |
      load<u32>(ptr + 3 * plane) |
      load<u32>(ptr + 4 * plane)) ==
    0
  );
}

export function fill(dst: usize, stride: i32, _n: i32, value: usize, from: i32, to: i32): void {
  for (let j = 0; j < 5; j++) {
    const word = v128.load32_splat(value + (j << 2));
    const row = dst + j * ((<usize>stride) << 2);
    for (let i = from; i < to; i += 4) put(row + (i << 2), word, to - i);
  }
}

export function axpyBase(
  dst: usize,
  stride: i32,
  src: usize,
  _n: i32,
  coefficient: usize,
  from: i32,
  to: i32,
): void {
  for (let j = 0; j < 5; j++) {
    const b = v128.load32_splat(coefficient + (j << 2));
    const b2 = i32x4.add(b, b);
    const row = dst + j * ((<usize>stride) << 2);
    for (let i = from; i < to; i += 4) {
      const at = row + (i << 2);
      put(at, add(v128.load(at), mul(v128.load(src + (i << 2)), b, b2)), to - i);
    }
  }
}

export function axpyExt(
  dst: usize,
  stride: i32,
  src: usize,
  _n: i32,
  coefficient: usize,
  from: i32,
  to: i32,
): void {
  const plane = (<usize>stride) << 2;
  splatB(coefficient, 4);
  for (let i = from; i < to; i += 4) {
    const at = (<usize>i) << 2;
    mulLoadB(src + at, plane);
    addC(dst + at, plane, to - i);
  }
}

export function matVec(
  dst: usize,
  weights: usize,
  x: usize,
  _rows: i32,
  cols: i32,
  from: i32,
  to: i32,
): void {
  const whole = cols & ~7;
  for (let o = from; o < to; o++) {
    const row = weights + ((<usize>o * cols) << 1);
    let sums = i32x4.splat(0);
    for (let i = 0; i < whole; i += 8) {
      const w = v128.load(row + (i << 1));
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(w, v128.load(x + (i << 1))));
    }
    let sum =
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
    for (let i = whole; i < cols; i++) sum += <i32>load<i16>(row + (i << 1)) * <i32>load<i16>(x + (i << 1));
    store<i32>(dst + (o << 2), sum);
  }
}
