import { add, fold, high, lanes, low, mul, sumLanes } from "./m31";

/**
 * dst[h·dst0 + i·dst1 + j·dst2] += c·a[h·a0 + i·a1 + j·a2]·b[h·b0 + i·b1 + j·b2] for h < n0, i < n1,
 * j < n2; strides in words. Vectorized where the inner strides allow: an inner product, or one
 * destination after the other. Units are values of h.
 */
export function multiplyAdd(
  dst: usize,
  a: usize,
  b: usize,
  c: u32,
  _n0: i32,
  dst0: i32,
  a0: i32,
  b0: i32,
  n1: i32,
  dst1: i32,
  a1: i32,
  b1: i32,
  n2: i32,
  dst2: i32,
  a2: i32,
  b2: i32,
  from: i32,
  to: i32,
): void {
  const isSum = dst2 == 0 && a2 == 1 && b2 == 1;
  const isRow = dst2 == 1 && a2 >> 1 == 0 && b2 >> 1 == 0 && n2 % 4 == 0;
  for (let h = from; h < to; h++)
    for (let i = 0; i < n1; i++) {
      const at = dst + (<usize>(h * dst0 + i * dst1) << 2);
      const x = a + (<usize>(h * a0 + i * a1) << 2);
      const y = b + (<usize>(h * b0 + i * b1) << 2);
      if (isSum) store<u32>(at, plus(load<u32>(at), times(c, innerProduct(x, y, n2))));
      else if (isRow) addRow(at, x, y, c, n2, a2, b2);
      else
        for (let j = 0; j < n2; j++) {
          const cell = at + (<usize>(j * dst2) << 2);
          const product = times(load<u32>(x + (<usize>(j * a2) << 2)), load<u32>(y + (<usize>(j * b2) << 2)));
          store<u32>(cell, plus(load<u32>(cell), times(c, product)));
        }
    }
}

/** a·b mod p of canonical words. */
@inline
function times(a: u32, b: u32): u32 {
  const wide = <u64>a * b;
  return plus(<u32>(wide & 0x7fffffff), <u32>(wide >> 31));
}

/** a + b mod p for a, b ≤ p. */
@inline
function plus(a: u32, b: u32): u32 {
  const sum = a + b;
  return sum >= 0x7fffffff ? sum - 0x7fffffff : sum;
}

function innerProduct(a: usize, b: usize, n: i32): u32 {
  let sumLow = i32x4.splat(0);
  let sumHigh = i32x4.splat(0);
  for (let k = 0; k < n; k += 4) {
    const at = (<usize>k) << 2;
    const x = v128.and(v128.load(a + at), lanes(n - k));
    const y = v128.load(b + at);
    sumLow = i64x2.add(sumLow, fold(low(x, y)));
    sumHigh = i64x2.add(sumHigh, fold(high(x, y)));
  }
  return sumLanes(sumLow, sumHigh);
}

/** dst[j] += c·a[j·a2]·b[j·b2], a2 and b2 0 or 1, n a multiple of 4. */
function addRow(dst: usize, a: usize, b: usize, c: u32, n: i32, a2: i32, b2: i32): void {
  const scale = i32x4.splat(c);
  const scale2 = i32x4.add(scale, scale);
  for (let j = 0; j < n; j += 4) {
    const at = (<usize>j) << 2;
    const x = a2 ? v128.load(a + at) : v128.load32_splat(a);
    const y = b2 ? v128.load(b + at) : v128.load32_splat(b);
    const product = mul(mul(x, scale, scale2), y, i32x4.add(y, y));
    v128.store(dst + at, add(v128.load(dst + at), product));
  }
}
