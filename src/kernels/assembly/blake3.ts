/**
 * BLAKE3 of four messages at once, one per u32 lane; every message is a single chunk. The message
 * block and the chaining value are module globals, which belong to the instance.
 */

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const ROOT: u32 = 8;
const WHOLE: u32 = CHUNK_START | CHUNK_END | ROOT;

// The message block.
let m0: v128 = i32x4.splat(0);
let m1: v128 = i32x4.splat(0);
let m2: v128 = i32x4.splat(0);
let m3: v128 = i32x4.splat(0);
let m4: v128 = i32x4.splat(0);
let m5: v128 = i32x4.splat(0);
let m6: v128 = i32x4.splat(0);
let m7: v128 = i32x4.splat(0);
let m8: v128 = i32x4.splat(0);
let m9: v128 = i32x4.splat(0);
let m10: v128 = i32x4.splat(0);
let m11: v128 = i32x4.splat(0);
let m12: v128 = i32x4.splat(0);
let m13: v128 = i32x4.splat(0);
let m14: v128 = i32x4.splat(0);
let m15: v128 = i32x4.splat(0);

// The chaining value.
let h0: v128 = i32x4.splat(0);
let h1: v128 = i32x4.splat(0);
let h2: v128 = i32x4.splat(0);
let h3: v128 = i32x4.splat(0);
let h4: v128 = i32x4.splat(0);
let h5: v128 = i32x4.splat(0);
let h6: v128 = i32x4.splat(0);
let h7: v128 = i32x4.splat(0);

@inline
function rotate16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

@inline
function rotate8(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

@inline
function add3(a: v128, b: v128, m: v128): v128 {
  return i32x4.add(i32x4.add(a, b), m);
}

function start(): void {
  h0 = i32x4.splat(0x6a09e667);
  h1 = i32x4.splat(0xbb67ae85);
  h2 = i32x4.splat(0x3c6ef372);
  h3 = i32x4.splat(0xa54ff53a);
  h4 = i32x4.splat(0x510e527f);
  h5 = i32x4.splat(0x9b05688c);
  h6 = i32x4.splat(0x1f83d9ab);
  h7 = i32x4.splat(0x5be0cd19);
}

/** Chaining value = its compression with the message block. */
function compress(length: u32, flags: u32): void {
  let w0 = m0;
  let w1 = m1;
  let w2 = m2;
  let w3 = m3;
  let w4 = m4;
  let w5 = m5;
  let w6 = m6;
  let w7 = m7;
  let w8 = m8;
  let w9 = m9;
  let w10 = m10;
  let w11 = m11;
  let w12 = m12;
  let w13 = m13;
  let w14 = m14;
  let w15 = m15;
  let v0 = h0;
  let v1 = h1;
  let v2 = h2;
  let v3 = h3;
  let v4 = h4;
  let v5 = h5;
  let v6 = h6;
  let v7 = h7;
  let v8 = i32x4.splat(0x6a09e667);
  let v9 = i32x4.splat(0xbb67ae85);
  let v10 = i32x4.splat(0x3c6ef372);
  let v11 = i32x4.splat(0xa54ff53a);
  let v12 = i32x4.splat(0);
  let v13 = i32x4.splat(0);
  let v14 = i32x4.splat(length);
  let v15 = i32x4.splat(flags);
  for (let round = 0; ; round++) {
    v0 = add3(v0, v4, w0);
    v12 = rotate16(v128.xor(v12, v0));
    v8 = i32x4.add(v8, v12);
    v4 = rotate(v128.xor(v4, v8), 12);
    v0 = add3(v0, v4, w1);
    v12 = rotate8(v128.xor(v12, v0));
    v8 = i32x4.add(v8, v12);
    v4 = rotate(v128.xor(v4, v8), 7);
    v1 = add3(v1, v5, w2);
    v13 = rotate16(v128.xor(v13, v1));
    v9 = i32x4.add(v9, v13);
    v5 = rotate(v128.xor(v5, v9), 12);
    v1 = add3(v1, v5, w3);
    v13 = rotate8(v128.xor(v13, v1));
    v9 = i32x4.add(v9, v13);
    v5 = rotate(v128.xor(v5, v9), 7);
    v2 = add3(v2, v6, w4);
    v14 = rotate16(v128.xor(v14, v2));
    v10 = i32x4.add(v10, v14);
    v6 = rotate(v128.xor(v6, v10), 12);
    v2 = add3(v2, v6, w5);
    v14 = rotate8(v128.xor(v14, v2));
    v10 = i32x4.add(v10, v14);
    v6 = rotate(v128.xor(v6, v10), 7);
    v3 = add3(v3, v7, w6);
    v15 = rotate16(v128.xor(v15, v3));
    v11 = i32x4.add(v11, v15);
    v7 = rotate(v128.xor(v7, v11), 12);
    v3 = add3(v3, v7, w7);
    v15 = rotate8(v128.xor(v15, v3));
    v11 = i32x4.add(v11, v15);
    v7 = rotate(v128.xor(v7, v11), 7);
    v0 = add3(v0, v5, w8);
    v15 = rotate16(v128.xor(v15, v0));
    v10 = i32x4.add(v10, v15);
    v5 = rotate(v128.xor(v5, v10), 12);
    v0 = add3(v0, v5, w9);
    v15 = rotate8(v128.xor(v15, v0));
    v10 = i32x4.add(v10, v15);
    v5 = rotate(v128.xor(v5, v10), 7);
    v1 = add3(v1, v6, w10);
    v12 = rotate16(v128.xor(v12, v1));
    v11 = i32x4.add(v11, v12);
    v6 = rotate(v128.xor(v6, v11), 12);
    v1 = add3(v1, v6, w11);
    v12 = rotate8(v128.xor(v12, v1));
    v11 = i32x4.add(v11, v12);
    v6 = rotate(v128.xor(v6, v11), 7);
    v2 = add3(v2, v7, w12);
    v13 = rotate16(v128.xor(v13, v2));
    v8 = i32x4.add(v8, v13);
    v7 = rotate(v128.xor(v7, v8), 12);
    v2 = add3(v2, v7, w13);
    v13 = rotate8(v128.xor(v13, v2));
    v8 = i32x4.add(v8, v13);
    v7 = rotate(v128.xor(v7, v8), 7);
    v3 = add3(v3, v4, w14);
    v14 = rotate16(v128.xor(v14, v3));
    v9 = i32x4.add(v9, v14);
    v4 = rotate(v128.xor(v4, v9), 12);
    v3 = add3(v3, v4, w15);
    v14 = rotate8(v128.xor(v14, v3));
    v9 = i32x4.add(v9, v14);
    v4 = rotate(v128.xor(v4, v9), 7);
    if (round == 6) break;
    const t0 = w0;
    w0 = w2;
    w2 = w3;
    w3 = w10;
    w10 = w12;
    w12 = w9;
    w9 = w11;
    w11 = w5;
    w5 = t0;
    const t1 = w1;
    w1 = w6;
    w6 = w4;
    w4 = w7;
    w7 = w13;
    w13 = w14;
    w14 = w15;
    w15 = w8;
    w8 = t1;
  }
  h0 = v128.xor(v0, v8);
  h1 = v128.xor(v1, v9);
  h2 = v128.xor(v2, v10);
  h3 = v128.xor(v3, v11);
  h4 = v128.xor(v4, v12);
  h5 = v128.xor(v5, v13);
  h6 = v128.xor(v6, v14);
  h7 = v128.xor(v7, v15);
}

/** Word c of four rows, or zeros past the last column. */
@inline
function column(base: usize, pitch: usize, c: i32, columns: i32): v128 {
  return c < columns ? v128.load(base + c * pitch) : i32x4.splat(0);
}

/** Rows per pass: whole cache lines of every column, which lie a power of two apart. */
const ROWS: i32 = 32;

/** Between blocks, the chaining values of four leaves wait where their hashes will be. */
export function hashLeaves(
  dst: usize,
  codeword: usize,
  columns: i32,
  logRows: i32,
  from: i32,
  to: i32,
): void {
  const rows = 1 << logRows;
  const pitch = (<usize>rows) << 2;
  const blocks = max((columns + 15) >> 4, 1);
  for (let first = from; first < to; first += ROWS) {
    const last = min(first + ROWS, to);
    for (let b = 0; b < blocks; b++) {
      const left = columns - 16 * b;
      const length = (<u32>min(left, 16)) << 2;
      const flags = (b == 0 ? CHUNK_START : 0) | (b == blocks - 1 ? CHUNK_END | ROOT : 0);
      for (let i = first; i < last; i += 4) {
        const leaf = dst + ((<usize>i) << 5);
        if (b == 0) start();
        else if (rows > 4) resume(leaf);
        const at = codeword + ((<usize>i) << 2) + 16 * b * pitch;
        m0 = column(at, pitch, 0, left);
        m1 = column(at, pitch, 1, left);
        m2 = column(at, pitch, 2, left);
        m3 = column(at, pitch, 3, left);
        m4 = column(at, pitch, 4, left);
        m5 = column(at, pitch, 5, left);
        m6 = column(at, pitch, 6, left);
        m7 = column(at, pitch, 7, left);
        m8 = column(at, pitch, 8, left);
        m9 = column(at, pitch, 9, left);
        m10 = column(at, pitch, 10, left);
        m11 = column(at, pitch, 11, left);
        m12 = column(at, pitch, 12, left);
        m13 = column(at, pitch, 13, left);
        m14 = column(at, pitch, 14, left);
        m15 = column(at, pitch, 15, left);
        compress(length, flags);
        if (b == blocks - 1) storeHashes(leaf, rows - i);
        else if (rows > 4) pause(leaf);
      }
    }
  }
}

function pause(ptr: usize): void {
  v128.store(ptr, h0, 0);
  v128.store(ptr, h1, 16);
  v128.store(ptr, h2, 32);
  v128.store(ptr, h3, 48);
  v128.store(ptr, h4, 64);
  v128.store(ptr, h5, 80);
  v128.store(ptr, h6, 96);
  v128.store(ptr, h7, 112);
}

function resume(ptr: usize): void {
  h0 = v128.load(ptr, 0);
  h1 = v128.load(ptr, 16);
  h2 = v128.load(ptr, 32);
  h3 = v128.load(ptr, 48);
  h4 = v128.load(ptr, 64);
  h5 = v128.load(ptr, 80);
  h6 = v128.load(ptr, 96);
  h7 = v128.load(ptr, 112);
}

export function hashNodes(dst: usize, src: usize, n: i32, from: i32, to: i32): void {
  for (let i = from; i < to; i += 4) {
    // Past the last parent, its children again.
    const s0 = src + ((<usize>i) << 6);
    const s1 = src + ((<usize>min(i + 1, n - 1)) << 6);
    const s2 = src + ((<usize>min(i + 2, n - 1)) << 6);
    const s3 = src + ((<usize>min(i + 3, n - 1)) << 6);
    start();
    transpose(v128.load(s0, 0), v128.load(s1, 0), v128.load(s2, 0), v128.load(s3, 0));
    m0 = r0;
    m1 = r1;
    m2 = r2;
    m3 = r3;
    transpose(v128.load(s0, 16), v128.load(s1, 16), v128.load(s2, 16), v128.load(s3, 16));
    m4 = r0;
    m5 = r1;
    m6 = r2;
    m7 = r3;
    transpose(v128.load(s0, 32), v128.load(s1, 32), v128.load(s2, 32), v128.load(s3, 32));
    m8 = r0;
    m9 = r1;
    m10 = r2;
    m11 = r3;
    transpose(v128.load(s0, 48), v128.load(s1, 48), v128.load(s2, 48), v128.load(s3, 48));
    m12 = r0;
    m13 = r1;
    m14 = r2;
    m15 = r3;
    compress(64, WHOLE);
    storeHashes(dst + ((<usize>i) << 5), n - i);
  }
}

export function grind(
  state: usize,
  bits: i32,
  first: f64,
  count: f64,
  from: i32,
  to: i32,
): f64 {
  const mask = i32x4.splat(<i32>(((<u64>1) << bits) - 1));
  m0 = v128.load32_splat(state, 0);
  m1 = v128.load32_splat(state, 4);
  m2 = v128.load32_splat(state, 8);
  m3 = v128.load32_splat(state, 12);
  m4 = v128.load32_splat(state, 16);
  m5 = v128.load32_splat(state, 20);
  m6 = v128.load32_splat(state, 24);
  m7 = v128.load32_splat(state, 28);
  m9 = i32x4.splat(0);
  m10 = i32x4.splat(0);
  m11 = i32x4.splat(0);
  m12 = i32x4.splat(0);
  m13 = i32x4.splat(0);
  m14 = i32x4.splat(0);
  m15 = i32x4.splat(0);
  const end = first + min(count, <f64>to);
  for (let nonce = first + <f64>from; nonce < end; nonce += 4) {
    m8 = i32x4.add(i32x4.splat(<u32>nonce), i32x4(0, 1, 2, 3));
    start();
    compress(36, WHOLE);
    const hits = i32x4.bitmask(i32x4.eq(v128.and(h0, mask), i32x4.splat(0)));
    if (hits == 0) continue;
    const found = nonce + <f64>ctz(hits);
    return found < end ? found : -1;
  }
  return -1;
}

// The rows of the last transpose.
let r0: v128 = i32x4.splat(0);
let r1: v128 = i32x4.splat(0);
let r2: v128 = i32x4.splat(0);
let r3: v128 = i32x4.splat(0);

@inline
function transpose(a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const gh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  r0 = v128.shuffle<u64>(ab, cd, 0, 2);
  r1 = v128.shuffle<u64>(ab, cd, 1, 3);
  r2 = v128.shuffle<u64>(ef, gh, 0, 2);
  r3 = v128.shuffle<u64>(ef, gh, 1, 3);
}

/** The first `count` of the four chaining values, 32 bytes each. */
function storeHashes(dst: usize, count: i32): void {
  for (let half: usize = 0; half < 32; half += 16) {
    if (half == 0) transpose(h0, h1, h2, h3);
    else transpose(h4, h5, h6, h7);
    v128.store(dst + half, r0);
    if (count > 1) v128.store(dst + half, r1, 32);
    if (count > 2) v128.store(dst + half, r2, 64);
    if (count > 3) v128.store(dst + half, r3, 96);
  }
}
