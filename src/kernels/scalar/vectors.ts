import { type Ext, eAdd, eMul, eScale, eSub, ONE, ZERO } from "../../field/ext.ts";
import { add, mul } from "../../field/m31.ts";
import type { Kernels, Ptr } from "../kernels.ts";
import { load, loadExt, storeExt, wordsAt } from "./words.ts";

type Vectors =
  | "bindExt"
  | "eqTable"
  | "addOuter"
  | "contractBase"
  | "contractExt"
  | "fill"
  | "axpyBase"
  | "axpyExt"
  | "matVec"
  | "multiplyAdd";

export function scalarVectors(memory: WebAssembly.Memory): Pick<Kernels, Vectors> {
  const words = (ptr: Ptr) => wordsAt(memory, ptr);
  const scalar = (ptr: Ptr, index = 0) => loadExt(words(ptr + 20 * index), 1, 0);

  function contract(
    dst: Ptr,
    weights: Ptr,
    outer: number,
    size: number,
    inner: number,
    term: (weight: Ext, at: number) => Ext,
  ): void {
    const w = words(weights);
    for (let o = 0; o < outer; o++)
      for (let x = 0; x < inner; x++) {
        let sum = ZERO;
        for (let k = 0; k < size; k++) sum = eAdd(sum, term(loadExt(w, size, k), (o * size + k) * inner + x));
        storeExt(words(dst), outer * inner, o * inner + x, sum);
      }
  }

  return {
    bindExt(dst, src, rows, n, r) {
      const v = words(src);
      const half = n / 2;
      for (let row = 0; row < rows; row++)
        for (let i = 0; i < half; i++) {
          const low = loadExt(v, rows * n, row * n + i);
          const high = loadExt(v, rows * n, row * n + half + i);
          const bound = eAdd(low, eMul(scalar(r), eSub(high, low)));
          storeExt(words(dst), rows * half, row * half + i, bound);
        }
    },
    eqTable(dst, point, k, scale) {
      for (let i = 0; i < 2 ** k; i++) {
        let product = scalar(scale);
        for (let j = 0; j < k; j++) {
          const z = scalar(point, j);
          product = eMul(product, (i >>> (k - 1 - j)) & 1 ? z : eSub(ONE, z));
        }
        storeExt(words(dst), 2 ** k, i, product);
      }
    },
    addOuter(dst, stride, a, na, b, nb) {
      const to = words(dst);
      for (let i = 0; i < na; i++)
        for (let j = 0; j < nb; j++) {
          const product = eMul(loadExt(words(a), na, i), loadExt(words(b), nb, j));
          const at = i * nb + j;
          storeExt(to, stride, at, eAdd(loadExt(to, stride, at), product));
        }
    },
    contractBase(dst, src, weights, outer, size, inner) {
      const v = words(src);
      contract(dst, weights, outer, size, inner, (weight, at) => eScale(weight, load(v, at)));
    },
    contractExt(dst, src, weights, outer, size, inner) {
      const v = words(src);
      const stride = outer * size * inner;
      contract(dst, weights, outer, size, inner, (weight, at) => eMul(weight, loadExt(v, stride, at)));
    },
    fill(dst, stride, n, value) {
      for (let i = 0; i < n; i++) storeExt(words(dst), stride, i, scalar(value));
    },
    axpyBase(dst, stride, src, n, coefficient) {
      const to = words(dst);
      const v = words(src);
      for (let i = 0; i < n; i++) {
        const term = eScale(scalar(coefficient), load(v, i));
        storeExt(to, stride, i, eAdd(loadExt(to, stride, i), term));
      }
    },
    axpyExt(dst, stride, src, n, coefficient) {
      const to = words(dst);
      for (let i = 0; i < n; i++) {
        const term = eMul(scalar(coefficient), loadExt(words(src), stride, i));
        storeExt(to, stride, i, eAdd(loadExt(to, stride, i), term));
      }
    },
    multiplyAdd(dst, a, b, c, n0, dst0, a0, b0, n1, dst1, a1, b1, n2, dst2, a2, b2) {
      const [to, x, y] = [words(dst), words(a), words(b)];
      for (let h = 0; h < n0; h++)
        for (let i = 0; i < n1; i++)
          for (let j = 0; j < n2; j++) {
            const at = h * dst0 + i * dst1 + j * dst2;
            const product = mul(load(x, h * a0 + i * a1 + j * a2), load(y, h * b0 + i * b1 + j * b2));
            to[at] = add(load(to, at), mul(c, product));
          }
    },
    matVec(dst, weights, x, rows, cols) {
      const to = new Int32Array(memory.buffer, dst, rows);
      const w = new Int16Array(memory.buffer, weights, rows * cols);
      const v = new Int16Array(memory.buffer, x, cols);
      for (let o = 0; o < rows; o++) {
        let sum = 0;
        for (let i = 0; i < cols; i++) sum += (w[o * cols + i] as number) * (v[i] as number);
        to[o] = sum;
      }
    },
  };
}
