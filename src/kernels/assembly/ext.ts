import { add, dot10, dot5, double, fold, HIGH, LOW, lanes, put, sub, sum10, sum5, sumLanes } from "./m31";

/**
 * The quintic extension, x^5 = 3 − x, four elements at a time, coordinates in separate vectors.
 *
 * a·b = Σ a_i·(x^i·b): five dot products of length five with entries b_i, u = b0 − b4, t_i = 3·b_i
 * and s_i = t_i − b_(i−1), computed once per multiplier by `prepareB`. A function here returns at
 * most one value, so operations communicate through module globals; these belong to the instance,
 * so threads on a shared memory do not meet in them.
 */

// The prepared multiplier B.
let Bb0: v128 = i32x4.splat(0);
let Bb1: v128 = i32x4.splat(0);
let Bb2: v128 = i32x4.splat(0);
let Bb3: v128 = i32x4.splat(0);
let Bb4: v128 = i32x4.splat(0);
let Bu: v128 = i32x4.splat(0);
let Bt1: v128 = i32x4.splat(0);
let Bt2: v128 = i32x4.splat(0);
let Bt3: v128 = i32x4.splat(0);
let Bt4: v128 = i32x4.splat(0);
let Bs2: v128 = i32x4.splat(0);
let Bs3: v128 = i32x4.splat(0);
let Bs4: v128 = i32x4.splat(0);

// The prepared multiplier D.
let Db0: v128 = i32x4.splat(0);
let Db1: v128 = i32x4.splat(0);
let Db2: v128 = i32x4.splat(0);
let Db3: v128 = i32x4.splat(0);
let Db4: v128 = i32x4.splat(0);
let Du: v128 = i32x4.splat(0);
let Dt1: v128 = i32x4.splat(0);
let Dt2: v128 = i32x4.splat(0);
let Dt3: v128 = i32x4.splat(0);
let Dt4: v128 = i32x4.splat(0);
let Ds2: v128 = i32x4.splat(0);
let Ds3: v128 = i32x4.splat(0);
let Ds4: v128 = i32x4.splat(0);

// The result c of the last operation.
export let c0: v128 = i32x4.splat(0);
export let c1: v128 = i32x4.splat(0);
export let c2: v128 = i32x4.splat(0);
export let c3: v128 = i32x4.splat(0);
export let c4: v128 = i32x4.splat(0);

export function prepareB(b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  Bb0 = b0;
  Bb1 = b1;
  Bb2 = b2;
  Bb3 = b3;
  Bb4 = b4;
  Bu = sub(b0, b4);
  Bt1 = add(double(b1), b1);
  Bt2 = add(double(b2), b2);
  Bt3 = add(double(b3), b3);
  Bt4 = add(double(b4), b4);
  Bs2 = sub(Bt2, b1);
  Bs3 = sub(Bt3, b2);
  Bs4 = sub(Bt4, b3);
}

/** B = the four elements at ptr. */
@inline
export function loadB(ptr: usize, plane: usize): void {
  prepareB(
    v128.load(ptr),
    v128.load(ptr + plane),
    v128.load(ptr + 2 * plane),
    v128.load(ptr + 3 * plane),
    v128.load(ptr + 4 * plane),
  );
}

/** B = the elements `top` bytes after ptr minus those at ptr. */
@inline
export function loadDifferencesB(ptr: usize, top: usize, plane: usize): void {
  prepareB(
    sub(v128.load(ptr + top), v128.load(ptr)),
    sub(v128.load(ptr + top + plane), v128.load(ptr + plane)),
    sub(v128.load(ptr + top + 2 * plane), v128.load(ptr + 2 * plane)),
    sub(v128.load(ptr + top + 3 * plane), v128.load(ptr + 3 * plane)),
    sub(v128.load(ptr + top + 4 * plane), v128.load(ptr + 4 * plane)),
  );
}

/** B = the first `count` of the four elements at ptr, and zeros. */
@inline
export function loadMaskedB(ptr: usize, plane: usize, count: i32): void {
  const mask = lanes(count);
  prepareB(
    v128.and(mask, v128.load(ptr)),
    v128.and(mask, v128.load(ptr + plane)),
    v128.and(mask, v128.load(ptr + 2 * plane)),
    v128.and(mask, v128.load(ptr + 3 * plane)),
    v128.and(mask, v128.load(ptr + 4 * plane)),
  );
}

export function prepareD(b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  Db0 = b0;
  Db1 = b1;
  Db2 = b2;
  Db3 = b3;
  Db4 = b4;
  Du = sub(b0, b4);
  Dt1 = add(double(b1), b1);
  Dt2 = add(double(b2), b2);
  Dt3 = add(double(b3), b3);
  Dt4 = add(double(b4), b4);
  Ds2 = sub(Dt2, b1);
  Ds3 = sub(Dt3, b2);
  Ds4 = sub(Dt4, b3);
}

/** D = the four elements at ptr. */
@inline
export function loadD(ptr: usize, plane: usize): void {
  prepareD(
    v128.load(ptr),
    v128.load(ptr + plane),
    v128.load(ptr + 2 * plane),
    v128.load(ptr + 3 * plane),
    v128.load(ptr + 4 * plane),
  );
}

/** D = the elements `top` bytes after ptr minus those at ptr. */
@inline
export function loadDifferencesD(ptr: usize, top: usize, plane: usize): void {
  prepareD(
    sub(v128.load(ptr + top), v128.load(ptr)),
    sub(v128.load(ptr + top + plane), v128.load(ptr + plane)),
    sub(v128.load(ptr + top + 2 * plane), v128.load(ptr + 2 * plane)),
    sub(v128.load(ptr + top + 3 * plane), v128.load(ptr + 3 * plane)),
    sub(v128.load(ptr + top + 4 * plane), v128.load(ptr + 4 * plane)),
  );
}

/** B = the scalar whose coordinates are `plane` bytes apart, in all lanes. */
@inline
export function splatB(ptr: usize, plane: usize): void {
  prepareB(
    v128.load32_splat(ptr),
    v128.load32_splat(ptr + plane),
    v128.load32_splat(ptr + 2 * plane),
    v128.load32_splat(ptr + 3 * plane),
    v128.load32_splat(ptr + 4 * plane),
  );
}

/** c = a·B. */
export function mulB(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128): void {
  c0 = dot5(a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1);
  c1 = dot5(a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2);
  c2 = dot5(a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3);
  c3 = dot5(a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4);
  c4 = dot5(a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu);
}

/** c = the four elements at ptr, times B. */
@inline
export function mulLoadB(ptr: usize, plane: usize): void {
  mulB(
    v128.load(ptr),
    v128.load(ptr + plane),
    v128.load(ptr + 2 * plane),
    v128.load(ptr + 3 * plane),
    v128.load(ptr + 4 * plane),
  );
}

/** c = a·B + d·D. */
export function mulBD(
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  a4: v128,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
): void {
  c0 = dot10(a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1, d0, Db0, d1, Dt4, d2, Dt3, d3, Dt2, d4, Dt1);
  c1 = dot10(a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2, d0, Db1, d1, Du, d2, Ds4, d3, Ds3, d4, Ds2);
  c2 = dot10(a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3, d0, Db2, d1, Db1, d2, Du, d3, Ds4, d4, Ds3);
  c3 = dot10(a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4, d0, Db3, d1, Db2, d2, Db1, d3, Du, d4, Ds4);
  c4 = dot10(a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu, d0, Db4, d1, Db3, d2, Db2, d3, Db1, d4, Du);
}

/** c = (the elements at a)·B + (the elements at d)·D. */
@inline
export function mulLoadBD(a: usize, d: usize, plane: usize): void {
  mulBD(
    v128.load(a),
    v128.load(a + plane),
    v128.load(a + 2 * plane),
    v128.load(a + 3 * plane),
    v128.load(a + 4 * plane),
    v128.load(d),
    v128.load(d + plane),
    v128.load(d + 2 * plane),
    v128.load(d + 3 * plane),
    v128.load(d + 4 * plane),
  );
}

/** Stores c at ptr, or only its first `count` elements. */
@inline
export function putC(ptr: usize, plane: usize, count: i32): void {
  put(ptr, c0, count);
  put(ptr + plane, c1, count);
  put(ptr + 2 * plane, c2, count);
  put(ptr + 3 * plane, c3, count);
  put(ptr + 4 * plane, c4, count);
}

/** Adds c to the elements at ptr. */
@inline
export function addC(ptr: usize, plane: usize, count: i32): void {
  put(ptr, add(v128.load(ptr), c0), count);
  put(ptr + plane, add(v128.load(ptr + plane), c1), count);
  put(ptr + 2 * plane, add(v128.load(ptr + 2 * plane), c2), count);
  put(ptr + 3 * plane, add(v128.load(ptr + 3 * plane), c3), count);
  put(ptr + 4 * plane, add(v128.load(ptr + 4 * plane), c4), count);
}

// The accumulator R of the first half of a round's message: wide, each addend below 2^34, so 2^29 of them fit.
let R0l: v128 = i32x4.splat(0);
let R0h: v128 = i32x4.splat(0);
let R1l: v128 = i32x4.splat(0);
let R1h: v128 = i32x4.splat(0);
let R2l: v128 = i32x4.splat(0);
let R2h: v128 = i32x4.splat(0);
let R3l: v128 = i32x4.splat(0);
let R3h: v128 = i32x4.splat(0);
let R4l: v128 = i32x4.splat(0);
let R4h: v128 = i32x4.splat(0);

/** R += a·B. */
export function firstB(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128): void {
  R0l = i64x2.add(R0l, fold(sum5(LOW, a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1)));
  R0h = i64x2.add(R0h, fold(sum5(HIGH, a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1)));
  R1l = i64x2.add(R1l, fold(sum5(LOW, a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2)));
  R1h = i64x2.add(R1h, fold(sum5(HIGH, a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2)));
  R2l = i64x2.add(R2l, fold(sum5(LOW, a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3)));
  R2h = i64x2.add(R2h, fold(sum5(HIGH, a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3)));
  R3l = i64x2.add(R3l, fold(sum5(LOW, a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4)));
  R3h = i64x2.add(R3h, fold(sum5(HIGH, a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4)));
  R4l = i64x2.add(R4l, fold(sum5(LOW, a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu)));
  R4h = i64x2.add(R4h, fold(sum5(HIGH, a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu)));
}

// The accumulator S of the second half, the coefficient of X², likewise.
let S0l: v128 = i32x4.splat(0);
let S0h: v128 = i32x4.splat(0);
let S1l: v128 = i32x4.splat(0);
let S1h: v128 = i32x4.splat(0);
let S2l: v128 = i32x4.splat(0);
let S2h: v128 = i32x4.splat(0);
let S3l: v128 = i32x4.splat(0);
let S3h: v128 = i32x4.splat(0);
let S4l: v128 = i32x4.splat(0);
let S4h: v128 = i32x4.splat(0);

/** S += a·B. */
export function secondB(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128): void {
  S0l = i64x2.add(S0l, fold(sum5(LOW, a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1)));
  S0h = i64x2.add(S0h, fold(sum5(HIGH, a0, Bb0, a1, Bt4, a2, Bt3, a3, Bt2, a4, Bt1)));
  S1l = i64x2.add(S1l, fold(sum5(LOW, a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2)));
  S1h = i64x2.add(S1h, fold(sum5(HIGH, a0, Bb1, a1, Bu, a2, Bs4, a3, Bs3, a4, Bs2)));
  S2l = i64x2.add(S2l, fold(sum5(LOW, a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3)));
  S2h = i64x2.add(S2h, fold(sum5(HIGH, a0, Bb2, a1, Bb1, a2, Bu, a3, Bs4, a4, Bs3)));
  S3l = i64x2.add(S3l, fold(sum5(LOW, a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4)));
  S3h = i64x2.add(S3h, fold(sum5(HIGH, a0, Bb3, a1, Bb2, a2, Bb1, a3, Bu, a4, Bs4)));
  S4l = i64x2.add(S4l, fold(sum5(LOW, a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu)));
  S4h = i64x2.add(S4h, fold(sum5(HIGH, a0, Bb4, a1, Bb3, a2, Bb2, a3, Bb1, a4, Bu)));
}

export function clearSums(): void {
  const zero = i32x4.splat(0);
  R0l = zero;
  R0h = zero;
  R1l = zero;
  R1h = zero;
  R2l = zero;
  R2h = zero;
  R3l = zero;
  R3h = zero;
  R4l = zero;
  R4h = zero;
  S0l = zero;
  S0h = zero;
  S1l = zero;
  S1h = zero;
  S2l = zero;
  S2h = zero;
  S3l = zero;
  S3h = zero;
  S4l = zero;
  S4h = zero;
}

/** out[0..5] = R, out[5..10] = S over all lanes. */
export function storeSums(out: usize): void {
  store<u32>(out, sumLanes(R0l, R0h), 0);
  store<u32>(out, sumLanes(R1l, R1h), 4);
  store<u32>(out, sumLanes(R2l, R2h), 8);
  store<u32>(out, sumLanes(R3l, R3h), 12);
  store<u32>(out, sumLanes(R4l, R4h), 16);
  store<u32>(out, sumLanes(S0l, S0h), 20);
  store<u32>(out, sumLanes(S1l, S1h), 24);
  store<u32>(out, sumLanes(S2l, S2h), 28);
  store<u32>(out, sumLanes(S3l, S3h), 32);
  store<u32>(out, sumLanes(S4l, S4h), 36);
}

/** A message of zeros. */
export function clearMessage(out: usize): void {
  for (let j = 0; j < 10; j++) store<u32>(out + (j << 2), 0);
}

/** out += (R, S)·(the scalar whose coordinates are `plane` bytes apart): what a block of a factored eq adds. */
export function addScaledSums(out: usize, factor: usize, plane: usize): void {
  splatB(factor, plane);
  mulB(
    i32x4(sumLanes(R0l, R0h), sumLanes(S0l, S0h), 0, 0),
    i32x4(sumLanes(R1l, R1h), sumLanes(S1l, S1h), 0, 0),
    i32x4(sumLanes(R2l, R2h), sumLanes(S2l, S2h), 0, 0),
    i32x4(sumLanes(R3l, R3h), sumLanes(S3l, S3h), 0, 0),
    i32x4(sumLanes(R4l, R4h), sumLanes(S4l, S4h), 0, 0),
  );
  addBoth(out, c0);
  addBoth(out + 4, c1);
  addBoth(out + 8, c2);
  addBoth(out + 12, c3);
  addBoth(out + 16, c4);
}

/** Adds lane 0 to the word at ptr and lane 1 to that five words on. */
function addBoth(ptr: usize, x: v128): void {
  const sums = add(x, i32x4(load<u32>(ptr), load<u32>(ptr, 20), 0, 0));
  v128.store32_lane(ptr, sums, 0);
  v128.store32_lane(ptr, sums, 1, 20);
}
