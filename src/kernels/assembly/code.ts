import { add, mul, P, sub } from "./m31";

/** Columns of fewer than 16 words take the scalar path. */
const LOG_VECTORS: i32 = 4;

export function encode(
  dst: usize,
  src: usize,
  _columns: i32,
  logSize: i32,
  logRate: i32,
  twiddles: usize,
  from: i32,
  to: i32,
): void {
  const bytes = (<usize>4) << logSize;
  // Unit (column, block h): block h is index h of D_logRate.
  for (let unit = from; unit < to; unit++) {
    const block = dst + unit * bytes;
    const h = unit & ((1 << logRate) - 1);
    memory.copy(block, src + (unit >> logRate) * bytes, bytes);
    if (logSize < LOG_VECTORS) scalarBlock(block, logSize, logRate, h, twiddles);
    else vectorBlock(block, logSize, logRate, h, twiddles);
  }
}

/** The twiddles of the points of D_log, even ones only, from index u on. */
@inline
function level(twiddles: usize, log: i32, u: i32): usize {
  return twiddles + ((((<usize>1) << log) + u) << 2);
}

/** All levels of 2^log coefficients that are evaluated over the points of π^(−log)(index u of D_depth). */
function vectorBlock(ptr: usize, log: i32, depth: i32, u: i32, twiddles: usize): void {
  if (log == LOG_VECTORS) return lastLevels(ptr, depth, u, twiddles);
  const bytes = (<usize>4) << log;
  if (log == LOG_VECTORS + 1) {
    radix2(ptr, bytes, level(twiddles, depth, u));
    for (let i = 0; i < 2; i++) lastLevels(ptr + i * (bytes >> 1), depth + 1, 2 * u + i, twiddles);
    return;
  }
  radix4(ptr, bytes, level(twiddles, depth, u), level(twiddles, depth + 1, 2 * u));
  for (let i = 0; i < 4; i++) vectorBlock(ptr + i * (bytes >> 2), log - 2, depth + 2, 4 * u + i, twiddles);
}

function radix2(ptr: usize, bytes: usize, twiddle: usize): void {
  const t = v128.load32_splat(twiddle);
  const t2 = i32x4.add(t, t);
  const half = bytes >> 1;
  for (const end = ptr + half; ptr < end; ptr += 16) {
    const a = v128.load(ptr);
    const b = mul(v128.load(ptr + half), t, t2);
    v128.store(ptr, add(a, b));
    v128.store(ptr + half, sub(a, b));
  }
}

/** Two levels: twiddle t, then `next` and the word after it. */
function radix4(ptr: usize, bytes: usize, twiddle: usize, next: usize): void {
  const t = v128.load32_splat(twiddle);
  const t2 = i32x4.add(t, t);
  const l = v128.load32_splat(next);
  const l2 = i32x4.add(l, l);
  const r = v128.load32_splat(next, 4);
  const r2 = i32x4.add(r, r);
  const q = bytes >> 2;
  for (const end = ptr + q; ptr < end; ptr += 16) {
    const a = v128.load(ptr);
    const b = v128.load(ptr + q);
    const c = mul(v128.load(ptr + 2 * q), t, t2);
    const d = mul(v128.load(ptr + 3 * q), t, t2);
    const a1 = add(a, c);
    const b1 = mul(add(b, d), l, l2);
    const c1 = sub(a, c);
    const d1 = mul(sub(b, d), r, r2);
    v128.store(ptr, add(a1, b1));
    v128.store(ptr + q, sub(a1, b1));
    v128.store(ptr + 2 * q, add(c1, d1));
    v128.store(ptr + 3 * q, sub(c1, d1));
  }
}

/** The last four levels, on 16 words in registers. */
function lastLevels(ptr: usize, depth: i32, u: i32, twiddles: usize): void {
  radix4(ptr, 64, level(twiddles, depth, u), level(twiddles, depth + 1, 2 * u));
  const v0 = v128.load(ptr);
  const v1 = v128.load(ptr, 16);
  const v2 = v128.load(ptr, 32);
  const v3 = v128.load(ptr, 48);
  // Transposed, so that x_j holds word j of each group of four.
  const l0 = v128.shuffle<u32>(v0, v1, 0, 4, 1, 5);
  const l1 = v128.shuffle<u32>(v2, v3, 0, 4, 1, 5);
  const h0 = v128.shuffle<u32>(v0, v1, 2, 6, 3, 7);
  const h1 = v128.shuffle<u32>(v2, v3, 2, 6, 3, 7);
  const x0 = v128.shuffle<u64>(l0, l1, 0, 2);
  const x1 = v128.shuffle<u64>(l0, l1, 1, 3);
  const x2 = v128.shuffle<u64>(h0, h1, 0, 2);
  const x3 = v128.shuffle<u64>(h0, h1, 1, 3);
  const t = v128.load(level(twiddles, depth + 2, 4 * u));
  const t2 = i32x4.add(t, t);
  const next = level(twiddles, depth + 3, 8 * u);
  const n0 = v128.load(next);
  const n1 = v128.load(next, 16);
  const l = v128.shuffle<u32>(n0, n1, 0, 2, 4, 6);
  const l2 = i32x4.add(l, l);
  const r = v128.shuffle<u32>(n0, n1, 1, 3, 5, 7);
  const r2 = i32x4.add(r, r);
  const c = mul(x2, t, t2);
  const d = mul(x3, t, t2);
  const a1 = add(x0, c);
  const b1 = mul(add(x1, d), l, l2);
  const c1 = sub(x0, c);
  const d1 = mul(sub(x1, d), r, r2);
  const y0 = add(a1, b1);
  const y1 = sub(a1, b1);
  const y2 = add(c1, d1);
  const y3 = sub(c1, d1);
  const m0 = v128.shuffle<u32>(y0, y1, 0, 4, 1, 5);
  const m1 = v128.shuffle<u32>(y2, y3, 0, 4, 1, 5);
  const m2 = v128.shuffle<u32>(y0, y1, 2, 6, 3, 7);
  const m3 = v128.shuffle<u32>(y2, y3, 2, 6, 3, 7);
  v128.store(ptr, v128.shuffle<u64>(m0, m1, 0, 2));
  v128.store(ptr, v128.shuffle<u64>(m0, m1, 1, 3), 16);
  v128.store(ptr, v128.shuffle<u64>(m2, m3, 0, 2), 32);
  v128.store(ptr, v128.shuffle<u64>(m2, m3, 1, 3), 48);
}

function scalarBlock(ptr: usize, log: i32, depth: i32, u: i32, twiddles: usize): void {
  if (log == 0) return;
  const half = (<usize>2) << log;
  const t: u64 = load<u32>(level(twiddles, depth, u));
  for (let at = ptr; at < ptr + half; at += 4) {
    const a = load<u32>(at);
    const b = <u32>((t * load<u32>(at + half)) % P);
    store<u32>(at, (a + b) % P);
    store<u32>(at + half, (a + P - b) % P);
  }
  scalarBlock(ptr, log - 1, depth + 1, 2 * u, twiddles);
  scalarBlock(ptr + half, log - 1, depth + 1, 2 * u + 1, twiddles);
}
