import { describe, expect, test } from "bun:test";
import { lineDomainTwiddles } from "../../src/poly/lineDomain.ts";
import type { Kernels, Ptr } from "../../src/kernels/kernels.ts";
import { fromInteger, P } from "../../src/field/m31.ts";
import { arena, FILLS, randomWord, runTwins, vector } from "./twins.ts";

type Run = (kernels: Kernels, ...destinations: Ptr[]) => unknown;

function agree(sizes: readonly number[], run: Run): void {
  const { scalar, wasm } = runTwins(sizes, run);
  expect(wasm).toEqual(scalar);
}

/** For every fill of the inputs, with the memory given back. */
function eachFill(check: (input: (words: number) => Ptr) => void): void {
  for (const fill of FILLS) {
    const mark = arena.mark();
    check((words) => vector(words, fill));
    arena.release(mark);
  }
}

const SIZES = [2, 4, 8, 16, 32, 256];

/** Large enough for the kernels that copy to their scratch. */
const LARGE = 4096;

describe("wasm kernels agree with their scalar twins:", () => {
  test("encode", () => {
    for (const [logSize, logRate, columns] of [
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((m) => [
        [m, 0, 1] as const,
        [m, 1, 3] as const,
        [m, 3, 2] as const,
      ]),
      [13, 1, 1] as const,
    ])
      eachFill((input) => {
        const log = logSize + logRate;
        const twiddles = arena.alloc(2 ** log);
        arena.u32(twiddles, 2 ** log).set(lineDomainTwiddles(log));
        const src = input(columns * 2 ** logSize);
        agree([columns * 2 ** log], (k, dst) => k.encode(dst, src, columns, logSize, logRate, twiddles));
      });
  });

  test("hashLeaves", () => {
    for (const columns of [1, 2, 15, 16, 17, 32, 100, 256])
      for (const logRows of [0, 1, 2, 3, 5])
        eachFill((input) => {
          const codeword = input(columns * 2 ** logRows);
          agree([8 * 2 ** logRows], (k, dst) => k.hashLeaves(dst, codeword, columns, logRows));
        });
  });

  test("hashNodes", () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 33])
      eachFill((input) => {
        const src = input(16 * n);
        agree([8 * n], (k, dst) => k.hashNodes(dst, src, n));
      });
  });

  test("grind", () => {
    const state = vector(8);
    const ranges = [
      [0, 1, 300],
      [5, 0, 300],
      [7, 3, 1000],
      [8, 2 ** 32 - 500, 500],
      [10, 2 ** 31 - 3, 6],
      [32, 0, 9],
    ] as const;
    const nonces: number[][] = [];
    runTwins([], (k) => nonces.push(ranges.map((range) => k.grind(state, range[0], range[1], range[2]))));
    expect(nonces[1]).toEqual(nonces[0] as number[]);
    expect(nonces[0]?.[1]).toBeGreaterThanOrEqual(0);
    expect(nonces[0]?.[5]).toBe(-1);
  });

  test("multiplyAdd", () => {
    // [n1, dst1, a1, b1, n2, dst2, a2, b2]: inner products, rows, broadcasts, strided sums
    const loops = [
      [3, 1, 0, 7, 7, 0, 1, 1],
      [2, 1, 256, 256, 256, 0, 1, 1],
      [3, 16, 1, 0, 16, 1, 0, 1],
      [2, 8, 8, 8, 8, 1, 1, 1],
      [4, 0, 1, 8, 8, 1, 0, 1],
      [2, 6, 6, 0, 6, 1, 1, 0],
      [5, 2, 3, 1, 4, 11, 0, 5],
      [1, 0, 0, 0, 1, 0, 0, 0],
    ] as const;
    // [n0, dst0, a0, b0]
    const outerLoops = [
      [1, 0, 0, 0],
      [3, 50, 7, 0],
      [2, 0, 1, 30],
    ] as const;
    for (const [n1, dst1, a1, b1, n2, dst2, a2, b2] of loops)
      for (const [n0, dst0, a0, b0] of outerLoops)
        eachFill((input) => {
          const [a, b] = [input(600), input(600)];
          for (const c of [0, 1, 12345, 2 ** 31 - 2])
            agree([300], (k, dst) =>
              k.multiplyAdd(dst, a, b, c, n0, dst0, a0, b0, n1, dst1, a1, b1, n2, dst2, a2, b2),
            );
        });
  });

  test("bindExt", () => {
    for (const n of SIZES)
      eachFill((input) => {
        const r = input(5);
        for (const rows of [1, 2, 3]) {
          const ext = input(5 * rows * n);
          agree([(5 * rows * n) / 2], (k, dst) => k.bindExt(dst, ext, rows, n, r));
        }
      });
  });

  test("eqTable", () => {
    for (const log of [0, 1, 2, 3, 4, 7])
      eachFill((input) => {
        const point = input(5 * log);
        const scale = input(5);
        agree([5 * 2 ** log], (k, dst) => k.eqTable(dst, point, log, scale));
      });
  });

  test("addOuter", () => {
    for (const na of [1, 2, 4, 16])
      for (const nb of [1, 2, 4, 16])
        eachFill((input) => {
          const a = input(5 * na);
          const b = input(5 * nb);
          agree([5 * na * nb], (k, dst) => k.addOuter(dst, na * nb, a, na, b, nb));
          const stride = na * nb + 13;
          agree([5 * stride], (k, dst) => k.addOuter(dst + 20, stride, a, na, b, nb));
        });
  });

  test("contractBase, contractExt", () => {
    for (const outer of [1, 3])
      for (const size of [1, 2, 5, 16, 37])
        for (const inner of [1, 2, 3, 4, 7, 32])
          eachFill((input) => {
            const weights = input(5 * size);
            const base = input(outer * size * inner);
            const ext = input(5 * outer * size * inner);
            const words = [5 * outer * inner];
            agree(words, (k, dst) => k.contractBase(dst, base, weights, outer, size, inner));
            agree(words, (k, dst) => k.contractExt(dst, ext, weights, outer, size, inner));
          });
  });

  test("product rounds", () => {
    for (const n of [...SIZES, LARGE])
      eachFill((input) => {
        const a = input(5 * n);
        const b = input(5 * n);
        const eq = input((5 * n) / 2);
        agree([10], (k, out) => k.productRound(out, a, b, n));
        agree([10], (k, out) => k.eqProductRound(out, eq, a, b, n));
      });
  });

  test("fraction layers and rounds", () => {
    for (const n of [...SIZES, LARGE])
      eachFill((input) => {
        const base = input(n);
        const p = input(10 * n);
        const q = input(10 * n);
        const eq = input((5 * n) / 2);
        const words = [(5 * n) / 2, (5 * n) / 2];
        agree(words, (k, pDst, qDst) => k.fractionLayer(pDst, qDst, p, q, n));
        agree(words, (k, pDst, qDst) => k.fractionLayerBase(pDst, qDst, base, q, n));
        agree(words, (k, pDst, qDst) => k.unitLayer(pDst, qDst, q, n));
        const logHalf = Math.log2(n) - 1;
        for (const logInner of [4, 7, logHalf].map((log) => Math.min(log, logHalf))) {
          const outer = input((5 * n) / 2);
          agree([10], (k, out) => k.fractionRound(out, outer, eq, logInner, p, q, n));
          agree([10], (k, out) => k.unitRound(out, outer, eq, logInner, q, n, outer));
        }
      });
  });

  test("fill, axpyBase, axpyExt", () => {
    for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 30])
      eachFill((input) => {
        const value = input(5);
        const src = input(n);
        for (const stride of [n, n + 5]) {
          agree([5 * stride], (k, dst) => k.fill(dst, stride, n, value));
          agree([5 * stride], (k, dst) => k.axpyBase(dst, stride, src, n, value));
          const ext = input(5 * stride);
          agree([5 * stride], (k, dst) => k.axpyExt(dst, stride, ext, n, value));
        }
      });
  });

  test("canonical", () => {
    for (const n of [1, 2, 3, 4, 5, 8, 21]) {
      const signed = Int32Array.from(
        { length: n },
        () => (randomWord() % P) * (randomWord() % 2 === 0 ? 1 : -1),
      );
      const src = arena.alloc(n);
      agree([n], (k, dst) => {
        arena.u32(src, n).set(new Uint32Array(signed.buffer));
        k.canonical(src, n);
        arena.u32(dst, n).set(arena.u32(src, n));
      });
      expect([...arena.u32(src, n)]).toEqual([...signed].map(fromInteger));
    }
  });

  test("gather", () => {
    for (const rows of [1, 2, 3, 4, 5, 8, 21, 64])
      eachFill((input) => {
        const src = input(16 * rows);
        for (const columns of [1, 2, 3, 4, 5, 8, 16])
          for (const pitch of [columns, 16])
            agree([columns * rows], (k, dst) => k.gather(dst, src, columns, pitch, rows));
      });
  });

  test("matVec", () => {
    for (const rows of [1, 2, 5])
      for (const cols of [1, 7, 8, 9, 64, 100]) {
        const weights = arena.alloc(rows * cols);
        const x = arena.alloc(cols);
        for (const [ptr, n] of [
          [weights, rows * cols],
          [x, cols],
        ] as const) {
          const view = new Int16Array(arena.memory.buffer, ptr, n);
          for (let i = 0; i < n; i++) view[i] = (randomWord() % 8192) - 4096;
        }
        agree([rows], (k, dst) => k.matVec(dst, weights, x, rows, cols));
      }
  });
});
