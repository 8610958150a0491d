/**
 * M31 in four lanes. Words are canonical (0 ≤ w < p) unless a comment says otherwise; `wide` values
 * are two u64 lanes, and come in pairs (lanes 0, 1 and lanes 2, 3).
 */

export const P: i32 = 0x7fffffff;

/** The half of a vector that a wide value belongs to. */
export const LOW: i32 = 0;
export const HIGH: i32 = 1;

/** x < 2p to canonical: x − p wraps to something large unless x ≥ p. */
@inline
export function canonical(x: v128): v128 {
  return i32x4.min_u(x, i32x4.sub(x, i32x4.splat(P)));
}

@inline
export function add(a: v128, b: v128): v128 {
  return canonical(i32x4.add(a, b));
}

@inline
export function sub(a: v128, b: v128): v128 {
  const d = i32x4.sub(a, b);
  return i32x4.min_u(d, i32x4.add(d, i32x4.splat(P)));
}

/** 2a. */
@inline
export function double(a: v128): v128 {
  return add(a, a);
}

@inline
export function low(a: v128, b: v128): v128 {
  return i64x2.extmul_low_i32x4_u(a, b);
}

@inline
export function high(a: v128, b: v128): v128 {
  return i64x2.extmul_high_i32x4_u(a, b);
}

/** A wide value to a congruent one below 2^33 + 2^31. */
@inline
export function fold(x: v128): v128 {
  return i64x2.add(v128.and(x, i64x2.splat(P)), i64x2.shr_u(x, 31));
}

/**
 * Wide values x = h·2^31 + l ≤ 2^62 + 2^31 to four lanes h + l < 2^32; the shift by 31 is a
 * doubling and a shuffle.
 */
@inline
export function narrow(x: v128, y: v128): v128 {
  const l = v128.and(v128.shuffle<u32>(x, y, 0, 2, 4, 6), i32x4.splat(P));
  const h = v128.shuffle<u32>(i64x2.add(x, x), i64x2.add(y, y), 1, 3, 5, 7);
  return i32x4.add(l, h);
}

/**
 * a·b, given 2b as well: with ab = h·2^31 + l, the upper half of a·2b is h and the lower half of a·b
 * ends in l; h + l < 2p. (No shifts: some engines are slow at them.)
 */
@inline
export function mul(a: v128, b: v128, b2: v128): v128 {
  const h = v128.shuffle<u32>(low(a, b2), high(a, b2), 1, 3, 5, 7);
  return canonical(i32x4.add(v128.and(i32x4.mul(a, b), i32x4.splat(P)), h));
}

/** The products of the low or the high lanes; `half` is a constant where it is inlined. */
@inline
function product(half: i32, a: v128, b: v128): v128 {
  return half == LOW ? low(a, b) : high(a, b);
}

/** a0·b0 + … + a3·b3: as many as fit in 64 bits. */
@inline
export function sum4(
  half: i32,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
): v128 {
  const sum = i64x2.add(product(half, a0, b0), product(half, a1, b1));
  return i64x2.add(sum, i64x2.add(product(half, a2, b2), product(half, a3, b3)));
}

/** a0·b0 + … + a4·b4 ≤ 2^62 + 2^31. */
@inline
export function sum5(
  half: i32,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
  a4: v128,
  b4: v128,
): v128 {
  return i64x2.add(product(half, a4, b4), fold(sum4(half, a0, b0, a1, b1, a2, b2, a3, b3)));
}

/** a0·b0 + … + a9·b9 < 2^63 + 2^35. */
@inline
export function sum10(
  half: i32,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
  a4: v128,
  b4: v128,
  a5: v128,
  b5: v128,
  a6: v128,
  b6: v128,
  a7: v128,
  b7: v128,
  a8: v128,
  b8: v128,
  a9: v128,
  b9: v128,
): v128 {
  const first = fold(sum4(half, a0, b0, a1, b1, a2, b2, a3, b3));
  const second = fold(sum4(half, a4, b4, a5, b5, a6, b6, a7, b7));
  const rest = i64x2.add(product(half, a8, b8), product(half, a9, b9));
  return i64x2.add(rest, i64x2.add(first, second));
}

/** a0·b0 + a1·b1, canonical. */
@inline
export function dot2(a0: v128, b0: v128, a1: v128, b1: v128): v128 {
  return reduce(i64x2.add(low(a0, b0), low(a1, b1)), i64x2.add(high(a0, b0), high(a1, b1)));
}

/** a0·b0 + … + a4·b4, canonical. */
@inline
export function dot5(
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
  a4: v128,
  b4: v128,
): v128 {
  const x = sum5(LOW, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
  const y = sum5(HIGH, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
  return canonical(canonical(narrow(x, y)));
}

/** a0·b0 + … + a9·b9, canonical. */
@inline
export function dot10(
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
  a4: v128,
  b4: v128,
  a5: v128,
  b5: v128,
  a6: v128,
  b6: v128,
  a7: v128,
  b7: v128,
  a8: v128,
  b8: v128,
  a9: v128,
  b9: v128,
): v128 {
  return reduce(
    sum10(LOW, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8, a9, b9),
    sum10(HIGH, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, a8, b8, a9, b9),
  );
}

/** Any wide values to canonical lanes. */
@inline
export function reduce(x: v128, y: v128): v128 {
  return canonical(narrow(fold(x), fold(y)));
}

/** The sum of four u64 lanes (two wide values), each below 2^62, as a canonical word. */
export function sumLanes(x: v128, y: v128): u32 {
  const s = fold(x);
  const t = fold(y);
  const sum =
    i64x2.extract_lane(s, 0) + i64x2.extract_lane(s, 1) + i64x2.extract_lane(t, 0) + i64x2.extract_lane(t, 1);
  return <u32>(<u64>sum % P);
}

/** Four lanes to memory, or only the first `count`. */
@inline
export function put(ptr: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(ptr, x);
  else putTail(ptr, x, count);
}

function putTail(ptr: usize, x: v128, count: i32): void {
  v128.store32_lane(ptr, x, 0);
  if (count > 1) v128.store32_lane(ptr, x, 1, 4);
  if (count > 2) v128.store32_lane(ptr, x, 2, 8);
}

/** All ones in the first `count` lanes. */
@inline
export function lanes(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}
