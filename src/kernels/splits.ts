import type { Kernels } from "./kernels.ts";

/**
 * How the work of each kernel splits into units that threads may take in any order. The compiled
 * kernels take a range [from, to) of units after their other arguments.
 */
export interface Split {
  /** Units of a call. */
  units(...args: number[]): number;
  /** Nanoseconds of one unit, roughly. */
  cost(...args: number[]): number;
  /** Ranges begin and end at multiples of this, or at the end. */
  readonly grain: number;
  /** `sums`: the first argument gets sums over the units, 10 words; `least`: the least result ≥ 0 of all ranges. */
  readonly result: "none" | "sums" | "least";
}

/** Elements of whole cache lines: threads do not share them, and the kernels copy so many at once. */
const LINE = 16;
/** Leaves whose columns' cache lines are read at once. */
const LEAVES = 32;
/** As in the kernel: tables of more variables are made in 2^4 blocks. */
const EQ_BLOCKS = 4;

const halves = (n: number) => n / 2;

function split(
  units: (...args: number[]) => number,
  cost: number | ((...args: number[]) => number),
  grain = LINE,
  result: Split["result"] = "none",
): Split {
  return { units, cost: typeof cost === "number" ? () => cost : cost, grain, result };
}

export const SPLITS: { readonly [name in keyof Kernels]: Split } = {
  encode: split(
    (_dst, _src, columns, _logSize, logRate) => columns * 2 ** logRate,
    (_dst, _src, _columns, logSize) => 5 * 2 ** logSize,
    1,
  ),
  canonical: split((_ptr, n) => n, 0.5),
  gather: split(
    (_dst, _src, _columns, _pitch, rows) => rows,
    (_dst, _src, columns) => columns,
  ),
  hashLeaves: split(
    (_dst, _codeword, _columns, logRows) => 2 ** logRows,
    (_dst, _codeword, columns) => 3 * Math.max(16, columns),
    LEAVES,
  ),
  hashNodes: split((_dst, _src, n) => n, 55),
  grind: split((_state, _bits, _from, count) => count, 50, LINE, "least"),
  bindExt: split(
    (_dst, _src, _rows, n) => halves(n),
    (_dst, _src, rows) => 15 * rows,
  ),
  eqTable: split(
    (_dst, _point, k) => (k > EQ_BLOCKS ? 2 ** EQ_BLOCKS : 1),
    (_dst, _point, k) => 18 * 2 ** (k - EQ_BLOCKS),
    1,
  ),
  addOuter: split((_dst, _stride, _a, na, _b, nb) => na * nb, 18),
  contractBase: split(
    (_dst, _src, _weights, outer, _size, inner) => outer * inner,
    (_dst, _src, _weights, _outer, size) => 5 * size,
  ),
  contractExt: split(
    (_dst, _src, _weights, outer, _size, inner) => outer * inner,
    (_dst, _src, _weights, _outer, size) => 18 * size,
  ),
  productRound: split((_out, _a, _b, n) => halves(n), 50, LINE, "sums"),
  eqProductRound: split((_out, _eq, _a, _b, n) => halves(n), 80, LINE, "sums"),
  fractionLayer: split((_pDst, _qDst, _p, _q, n) => halves(n), 50),
  fractionLayerBase: split((_pDst, _qDst, _p, _q, n) => halves(n), 30),
  fractionRound: split((_out, _outer, _inner, _logInner, _p, _q, n) => halves(n), 80, LINE, "sums"),
  unitLayer: split((_pDst, _qDst, _q, n) => halves(n), 20),
  unitRound: split((_out, _outer, _inner, _logInner, _q, n) => halves(n), 55, LINE, "sums"),
  fill: split((_dst, _stride, n) => n, 2),
  axpyBase: split((_dst, _stride, _src, n) => n, 6),
  axpyExt: split((_dst, _stride, _src, n) => n, 18),
  // Rows that are all added to one destination stay together.
  multiplyAdd: split(
    (_dst, _a, _b, _c, n0) => n0,
    (_dst, _a, _b, _c, _n0, dst0, _a0, _b0, n1, _dst1, _a1, _b1, n2) => (dst0 === 0 ? 0 : 2 * n1 * n2),
    1,
  ),
  matVec: split(
    (_dst, _weights, _x, rows) => rows,
    (_dst, _weights, _x, _rows, cols) => cols / 4,
  ),
};

/** Kernels are known between threads by their place in this list. */
export const KERNEL_NAMES = Object.keys(SPLITS) as (keyof Kernels)[];
