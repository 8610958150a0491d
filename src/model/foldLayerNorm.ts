import type { FloatModel } from "./floatModel.ts";

/**
 * The same float function with RMSNorms. Whatever is added to the residual stream loses its mean: then the stream has
 * none, and a LayerNorm none to take away. The norms' shifts become biases of what follows them. Two biases go: v's
 * passes the mixing as it is, for its weights add up to 1, so o's takes it in; k's adds the same to all scores of a
 * query, which softmax does not see, unless positions turn it.
 */
export function foldLayerNorm(model: FloatModel): FloatModel {
  if (model.norm === "rms") return model;
  const { dim, hidden, layers, heads, kvHeads, headDim, vocab } = model;
  const width = kvHeads * headDim;
  const none = new Float32Array(layers * dim);
  const { attentionShift = none, mlpShift = none, finalShift = none.subarray(0, dim) } = model;
  const folded = (matrix: Float32Array, rows: number, shift: Float32Array, bias?: Float32Array) =>
    plus(images(matrix, rows, dim, shift), bias);

  const bv = folded(model.wv, width, attentionShift, model.bv);
  // every query head's output has the bias of the value head that it mixes
  const mixed = none.map((_, i) => {
    const head = Math.floor(Math.floor((i % dim) / headDim) / (heads / kvHeads));
    return bv[Math.floor(i / dim) * width + head * headDim + (i % headDim)]!;
  });
  return {
    ...model,
    norm: "rms",
    biases: "all",
    tied: false,
    attentionShift: undefined,
    mlpShift: undefined,
    finalShift: undefined,
    embedding: centred(model.embedding, dim),
    positions: model.positions && centred(model.positions, dim),
    bq: folded(model.wq, dim, attentionShift, model.bq),
    bk: model.frequencies && folded(model.wk, width, attentionShift, model.bk),
    bv: undefined,
    wo: centred(model.wo, dim, dim),
    bo: centred(folded(model.wo, dim, mixed, model.bo), dim),
    bGate: folded(model.gate, hidden, mlpShift, model.bGate),
    bUp: model.up && folded(model.up, hidden, mlpShift, model.bUp),
    down: centred(model.down, dim, hidden),
    bDown: model.bDown && centred(model.bDown, dim),
    bHead: folded(model.head, vocab, finalShift),
  };
}

/** (layers, rows): a matrix (layers, rows, cols) times a vector (layers, cols). */
function images(matrix: Float32Array, rows: number, cols: number, vector: Float32Array): Float32Array {
  return Float32Array.from({ length: matrix.length / cols }, (_, row) => {
    const from = Math.floor(row / rows) * cols;
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += matrix[row * cols + i]! * vector[from + i]!;
    return sum;
  });
}

function plus(a: Float32Array, b?: Float32Array): Float32Array {
  return b ? a.map((value, i) => value + b[i]!) : a;
}

/** (…, dim, cols), the mean over dim taken away. */
function centred(values: Float32Array, dim: number, cols = 1): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += dim * cols) {
    for (let col = at; col < at + cols; col++) {
      let mean = 0;
      for (let i = 0; i < dim; i++) mean += values[col + i * cols]! / dim;
      for (let i = 0; i < dim; i++) out[col + i * cols] = values[col + i * cols]! - mean;
    }
  }
  return out;
}
