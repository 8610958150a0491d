/** Byte offset into the shared kernel memory. */
export type Ptr = number;

/**
 * The kernels: every hot loop of the prover, over one linear memory.
 *
 * Two implementations with the same behaviour, bit for bit: `wasmKernels` (WebAssembly SIMD) and
 * `scalarKernels` (plain TypeScript, its test oracle). All field data are canonical M31 words
 * (0 ≤ w < p). A *base vector* of n elements is n u32 words. An *extension vector* of n elements is
 * five planes: coordinate j of element i is word `j·stride + i`, with stride = n unless an argument
 * says otherwise. A scalar extension element is five consecutive words. Vectors are 16-byte aligned;
 * destinations never overlap sources. Sizes are powers of two unless a comment says "any".
 */
export interface Kernels {
  /**
   * Line-domain Reed–Solomon code: `columns` (any) base columns of 2^logSize words, contiguous in
   * src, to the same number of columns of 2^(logSize+logRate) words in dst, ordered as
   * `lineDomainPoint` orders D_(logSize+logRate). `twiddles` is a `lineDomainTwiddles` table of at
   * least this domain.
   */
  encode(dst: Ptr, src: Ptr, columns: number, logSize: number, logRate: number, twiddles: Ptr): void;
  /** Signed integers −p < x < p as canonical words, n (any) of them in place. */
  canonical(ptr: Ptr, n: number): void;
  /** dst[c·rows + k] = src[k·pitch + c] for c < columns ≤ pitch, k < rows: neighbouring columns of an interleaved table, each contiguous. */
  gather(dst: Ptr, src: Ptr, columns: number, pitch: number, rows: number): void;
  /** Leaf i = BLAKE3 of words (column 0)[i], (column 1)[i], …, little-endian; columns ≤ 256 (any); 2^logRows leaves of 32 bytes. */
  hashLeaves(dst: Ptr, codeword: Ptr, columns: number, logRows: number): void;
  /** n (any ≥ 1) parents: BLAKE3 of 64 bytes each (left ‖ right), unkeyed. */
  hashNodes(dst: Ptr, src: Ptr, n: number): void;
  /** The least nonce ≥ from, < from + count, whose BLAKE3(state32 ‖ nonce as u32 LE) has a first LE word ≡ 0 mod 2^bits; −1 if none. */
  grind(state: Ptr, bits: number, from: number, count: number): number;

  /**
   * Binds the top variable of each of `rows` (any) rows of n elements: dst[i] = src[i] + r·(src[i+n/2] − src[i]); src stride rows·n, dst stride rows·n/2.
   */
  bindExt(dst: Ptr, src: Ptr, rows: number, n: number, r: Ptr): void;
  /** dst[i] = scale·eq(point, i), most significant variable first; 2^k elements; point is k scalar extension elements. */
  eqTable(dst: Ptr, point: Ptr, k: number, scale: Ptr): void;
  /** dst[i·nb + j] += a[i]·b[j] (extension; na, nb powers of two); dst planes `stride` words apart. Rows with a[i] = 0 cost nothing. */
  addOuter(dst: Ptr, stride: number, a: Ptr, na: number, b: Ptr, nb: number): void;
  /** dst[o·inner + x] = Σ_k weights[k]·src[(o·size + k)·inner + x]; base src, extension weights; outer, size, inner any ≥ 1; dst stride outer·inner. */
  contractBase(dst: Ptr, src: Ptr, weights: Ptr, outer: number, size: number, inner: number): void;
  /** The same with an extension src of stride outer·size·inner. */
  contractExt(dst: Ptr, src: Ptr, weights: Ptr, outer: number, size: number, inner: number): void;

  /**
   * Sumcheck round of Σ a·b on the top variable, h(X) = Σ_{i<n/2} a_i(X)·b_i(X):
   * out[0..5] = h(1) − h(0), out[5..10] = the coefficient of X².
   */
  productRound(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** The same, each summand weighted by eq[i], i < n/2. */
  eqProductRound(out: Ptr, eq: Ptr, a: Ptr, b: Ptr, n: number): void;

  /** One level of a fraction tree: p'[i] = p[i]·q[i+h] + p[i+h]·q[i], q'[i] = q[i]·q[i+h], h = n/2; extension. */
  fractionLayer(pDst: Ptr, qDst: Ptr, p: Ptr, q: Ptr, n: number): void;
  /** The same with base numerators. */
  fractionLayerBase(pDst: Ptr, qDst: Ptr, p: Ptr, q: Ptr, n: number): void;
  /**
   * Sumcheck round of a fraction layer. p, q are (2, n) extension arrays (row 0 and row 1 of the pair):
   * h(X) = Σ_{i<n/2} eq[i]·(p0·q1 + p1·q0)(X) on the top variable of n; out[0..5] = h(0), out[5..10] =
   * the coefficient of X². Stride of p and q is 2n; eq[i] = outer[i >> logInner]·inner[i mod 2^logInner],
   * 4 ≤ logInner ≤ log(n/2) or logInner = log(n/2), their strides being their lengths.
   */
  fractionRound(out: Ptr, outer: Ptr, inner: Ptr, logInner: number, p: Ptr, q: Ptr, n: number): void;
  /** `fractionLayer` of numerators that are all 1: p'[i] = q[i] + q[i+h], q'[i] = q[i]·q[i+h], h = n/2; extension. */
  unitLayer(pDst: Ptr, qDst: Ptr, q: Ptr, n: number): void;
  /** `fractionRound` of h(X) = Σ_{i<n/2} eq[i]·((q0 + shift)·(q1 + shift))(X), shift a scalar; q is a (2, n) extension array. */
  unitRound(out: Ptr, outer: Ptr, inner: Ptr, logInner: number, q: Ptr, n: number, shift: Ptr): void;

  /** dst[i] = value for i < n (any); dst planes `stride` words apart. */
  fill(dst: Ptr, stride: number, n: number, value: Ptr): void;
  /** dst[i] += coefficient·src[i], base src, extension coefficient; n any; dst planes `stride` words apart. */
  axpyBase(dst: Ptr, stride: number, src: Ptr, n: number, coefficient: Ptr): void;
  /** The same with an extension src; dst and src planes `stride` words apart. */
  axpyExt(dst: Ptr, stride: number, src: Ptr, n: number, coefficient: Ptr): void;

  /**
   * dst[h·dst0 + i·dst1 + j·dst2] += c·a[h·a0 + i·a1 + j·a2]·b[h·b0 + i·b1 + j·b2] for h < n0, i < n1,
   * j < n2 (any): base vectors, strides in words (any, 0 too), c a canonical word. What an einsum does in
   * its inner loops. Unless dst0 = 0, different h must reach different words of dst.
   */
  multiplyAdd(
    dst: Ptr,
    a: Ptr,
    b: Ptr,
    c: number,
    n0: number,
    dst0: number,
    a0: number,
    b0: number,
    n1: number,
    dst1: number,
    a1: number,
    b1: number,
    n2: number,
    dst2: number,
    a2: number,
    b2: number,
  ): void;

  /** Integer matrix–vector product: dst[o] (i32) = Σ_i weights[o·cols + i] (i16) · x[i] (i16); rows, cols any. */
  matVec(dst: Ptr, weights: Ptr, x: Ptr, rows: number, cols: number): void;
}
