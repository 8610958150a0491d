import type { FloatModel } from "./floatModel.ts";

/**
 * The same float function with its norms' gains folded into the matrices behind them and its residual
 * stream turned by an orthogonal matrix. RMSNorm without gains commutes with rotations, so nothing
 * changes but the basis: large single coordinates are spread over all of them, which leaves the
 * 16-bit residual stream and its worst-case update far more room. Expects RMSNorms: `foldLayerNorm`.
 */
export function rotateResidual(model: FloatModel): FloatModel {
  const { dim, layers } = model;
  const turn = (matrix: Float32Array, gain?: Float32Array) => turnRows(matrix, dim, gain);
  const turnOutputs = (matrix: Float32Array) =>
    transpose(turn(transpose(matrix, layers, dim)), layers, matrix.length / layers / dim);
  const ones = (n: number) => new Float32Array(n).fill(1);
  return {
    ...model,
    tied: false,
    attentionGain: ones(layers * dim),
    mlpGain: ones(layers * dim),
    finalGain: ones(dim),
    embedding: turn(model.embedding),
    positions: model.positions && turn(model.positions),
    wq: turn(model.wq, model.attentionGain),
    wk: turn(model.wk, model.attentionGain),
    wv: turn(model.wv, model.attentionGain),
    wo: turnOutputs(model.wo),
    bo: model.bo && turn(model.bo),
    gate: turn(model.gate, model.mlpGain),
    up: model.up && turn(model.up, model.mlpGain),
    down: turnOutputs(model.down),
    bDown: model.bDown && turn(model.bDown),
    head: turn(model.head, model.finalGain),
  };
}

/** Each row of `dim` numbers times its layer's gain, signs alternated irregularly, then turned. */
function turnRows(matrix: Float32Array, dim: number, gain?: Float32Array): Float32Array {
  const out = new Float32Array(matrix.length);
  const layerSize = gain ? (matrix.length * dim) / gain.length : matrix.length;
  const row = new Float64Array(dim);
  const orders = ordersOf(dim);
  for (let at = 0; at < matrix.length; at += dim) {
    for (let i = 0; i < dim; i++) {
      row[i] = matrix[at + i]! * (gain ? gain[Math.floor(at / layerSize) * dim + i]! : 1) * sign(i);
    }
    turnByHadamard(row, orders);
    out.set(row, at);
  }
  return out;
}

/** ±1, like coin tosses, so that no direction of interest is a basis vector of the transform. */
function sign(i: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >>> 16) & 1 ? -1 : 1;
}

/** Orthonormal: a Hadamard matrix where one can be put together from `ORDERS`, blocks of one elsewhere. */
function turnByHadamard(values: Float64Array, orders: readonly number[]): void {
  let stride = 1;
  for (const order of orders) {
    const matrix = hadamard(order);
    const before = new Float64Array(order);
    for (let at = 0; at < values.length; at++) {
      if (Math.floor(at / stride) % order !== 0) continue;
      for (let i = 0; i < order; i++) before[i] = values[at + i * stride]! / Math.sqrt(order);
      for (let i = 0; i < order; i++) {
        let sum = 0;
        for (let j = 0; j < order; j++) sum += matrix[i * order + j]! * before[j]!;
        values[at + i * stride] = sum;
      }
    }
    stride *= order;
  }
}

/** Orders of Hadamard matrices with the odd factors 3 and 5, which take two factors 2 with them. */
const ORDERS: readonly [odd: number, order: number][] = [
  [3, 12],
  [5, 20],
];

/** Orders whose product is `dim`, or divides it: an odd factor without a matrix of its own stays. */
function ordersOf(dim: number): number[] {
  const orders: number[] = [];
  let rest = dim;
  for (const [odd, order] of ORDERS) {
    while (rest % odd === 0 && rest % order === 0) {
      orders.push(order);
      rest /= order;
    }
  }
  for (; rest % 2 === 0; rest /= 2) orders.push(2);
  return orders;
}

const MATRICES = new Map<number, Float64Array>();

/** ±1 (order, order) with orthogonal rows: [[1, 1], [1, −1]], or Paley's, from the squares modulo a prime order − 1. */
function hadamard(order: number): Float64Array {
  const known = MATRICES.get(order);
  if (known) return known;
  const prime = order - 1;
  const squares = new Set(Array.from({ length: prime }, (_, i) => (i * i) % prime));
  const matrix = new Float64Array(order * order).map((_, at) => {
    const [i, j] = [Math.floor(at / order), at % order];
    if (order === 2) return i * j === 1 ? -1 : 1;
    if (i === 0 || i === j) return 1;
    if (j === 0) return -1;
    return squares.has((j - i + prime) % prime) ? 1 : -1;
  });
  MATRICES.set(order, matrix);
  return matrix;
}

/** (layers, rows, cols) → (layers, cols, rows) */
function transpose(matrix: Float32Array, layers: number, rows: number): Float32Array {
  const cols = matrix.length / layers / rows;
  const out = new Float32Array(matrix.length);
  for (let layer = 0; layer < layers; layer++) {
    const base = layer * rows * cols;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) out[base + j * rows + i] = matrix[base + i * cols + j]!;
  }
  return out;
}
