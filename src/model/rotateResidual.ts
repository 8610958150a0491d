import type { LlamaModel } from "./llamaModel.ts";

/**
 * The same float function with its norms' gains folded into the matrices behind them and its residual
 * stream turned by an orthogonal matrix. RMSNorm without gains commutes with rotations, so nothing
 * changes but the basis: large single coordinates are spread over all of them, which leaves the
 * 16-bit residual stream and its worst-case update far more room.
 */
export function rotateResidual(model: LlamaModel): LlamaModel {
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
    wq: turn(model.wq, model.attentionGain),
    wk: turn(model.wk, model.attentionGain),
    wv: turn(model.wv, model.attentionGain),
    wo: turnOutputs(model.wo),
    gate: turn(model.gate, model.mlpGain),
    up: turn(model.up, model.mlpGain),
    down: turnOutputs(model.down),
    head: turn(model.head, model.finalGain),
  };
}

/** Each row of `dim` numbers times its layer's gain, signs alternated irregularly, then Walsh–Hadamard. */
function turnRows(matrix: Float32Array, dim: number, gain?: Float32Array): Float32Array {
  const out = new Float32Array(matrix.length);
  const layerSize = gain ? (matrix.length * dim) / gain.length : matrix.length;
  const row = new Float64Array(dim);
  for (let at = 0; at < matrix.length; at += dim) {
    for (let i = 0; i < dim; i++) {
      row[i] = matrix[at + i]! * (gain ? gain[Math.floor(at / layerSize) * dim + i]! : 1) * sign(i);
    }
    walshHadamard(row);
    out.set(row, at);
  }
  return out;
}

/** ±1, like coin tosses, so that no direction of interest is a basis vector of the transform. */
function sign(i: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >>> 16) & 1 ? -1 : 1;
}

/** Orthonormal, in blocks of the largest power of two that divides the length. */
function walshHadamard(values: Float64Array): void {
  const block = values.length & -values.length;
  for (let half = 1; half < block; half *= 2) {
    for (let i = 0; i < values.length; i++) {
      if (i & half) continue;
      const a = values[i]!;
      const b = values[i + half]!;
      values[i] = (a + b) * Math.SQRT1_2;
      values[i + half] = (a - b) * Math.SQRT1_2;
    }
  }
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
