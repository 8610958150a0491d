import type { FloatModel } from "./floatModel.ts";

/** Called with intermediate values of one position; valid during the call only. */
export type FloatProbe = (
  name: "h" | "x" | "q" | "k" | "v" | "gate" | "up" | "a" | "prod",
  layer: number,
  values: Float64Array,
) => void;

/** How many positions go through the layers together. */
const CHUNK = 16;

/**
 * The float reference: a checkpoint in float64. For calibrating the integer model and comparing with it;
 * nothing that is proven depends on its last bits. They are the same however a text is cut into calls.
 */
export class FloatDecoder {
  position = 0;
  readonly #keys: Float64Array; // (layers, capacity, kvHeads·headDim)
  readonly #values: Float64Array; // (layers, capacity, kvHeads·headDim)

  constructor(
    readonly model: FloatModel,
    readonly capacity = model.sequence,
  ) {
    const size = model.layers * capacity * model.kvHeads * model.headDim;
    this.#keys = new Float64Array(size);
    this.#values = new Float64Array(size);
  }

  reset(): void {
    this.position = 0;
  }

  /** Decodes one token; returns its logits (vocab). */
  step(token: number, probe?: FloatProbe): Float64Array {
    return this.steps([token], probe)[0]!;
  }

  /** Decodes tokens that are all known, several at a time; returns the logits (vocab) after each. */
  steps(tokens: readonly number[], probe?: FloatProbe): Float64Array[] {
    const { vocab } = this.model;
    for (const token of tokens)
      if (!(Number.isInteger(token) && token >= 0 && token < vocab))
        throw new RangeError(`float decoder: expected a token in [0, ${vocab}), found ${token}`);
    if (this.position + tokens.length > this.capacity)
      throw new RangeError(
        `float decoder: expected a position below ${this.capacity}, found ${this.position + tokens.length - 1}`,
      );
    const logits: Float64Array[] = [];
    for (let at = 0; at < tokens.length; at += CHUNK)
      logits.push(...this.#run(tokens.slice(at, at + CHUNK), probe));
    return logits;
  }

  #run(tokens: readonly number[], probe: FloatProbe | undefined): Float64Array[] {
    const { model, position } = this;
    const { dim, layers, vocab } = model;
    const h = new Float64Array(tokens.length * dim); // (tokens, dim)
    tokens.forEach((token, t) => {
      for (let i = 0; i < dim; i++)
        h[t * dim + i] =
          model.embedding[token * dim + i]! + (model.positions?.[(position + t) * dim + i] ?? 0);
    });
    const show = (name: Parameters<FloatProbe>[0], layer: number, values: Float64Array) => {
      if (!probe) return;
      const width = values.length / tokens.length;
      for (let t = 0; t < tokens.length; t++) probe(name, layer, values.subarray(t * width, (t + 1) * width));
    };
    show("h", 0, h);
    for (let layer = 0; layer < layers; layer++) {
      this.#attend(h, layer, show);
      show("h", layer, h);
      this.#feedForward(h, layer, show);
      show("h", layer, h);
    }
    const x = this.#normalize(h, model.finalGain, model.finalShift, 0);
    const logits = linear(model.head, model.bHead, 0, vocab, dim, x);
    this.position += tokens.length;
    return tokens.map((_, t) => logits.subarray(t * vocab, (t + 1) * vocab));
  }

  #attend(h: Float64Array, layer: number, show: FloatProbe): void {
    const { model, position, capacity } = this;
    const { dim, heads, kvHeads, headDim } = model;
    const width = kvHeads * headDim;
    const count = h.length / dim;
    const x = this.#normalize(h, model.attentionGain, model.attentionShift, layer, show);
    const q = linear(model.wq, model.bq, layer, dim, dim, x);
    const k = linear(model.wk, model.bk, layer, width, dim, x);
    const v = linear(model.wv, model.bv, layer, width, dim, x);
    if (model.frequencies) {
      rotate(q, dim, position, model.frequencies);
      rotate(k, width, position, model.frequencies);
    }
    show("q", layer, q);
    show("k", layer, k);
    show("v", layer, v);
    const base = layer * capacity * width;
    this.#keys.set(k, base + position * width);
    this.#values.set(v, base + position * width);

    const o = new Float64Array(count * dim);
    const weights = new Float64Array(position + count);
    for (let t = 0; t < count; t++) {
      for (let head = 0; head < heads; head++) {
        const group = base + Math.floor(head / (heads / kvHeads)) * headDim;
        this.#attendHead(q, o, t * dim + head * headDim, group, weights.subarray(0, position + t + 1));
      }
    }
    add(h, linear(model.wo, model.bo, layer, dim, dim, o));
  }

  /** One query at `at`, over the positions that `weights` has room for; its values' mix goes to o at `at`. */
  #attendHead(q: Float64Array, o: Float64Array, at: number, group: number, weights: Float64Array): void {
    const { headDim, kvHeads } = this.model;
    const width = kvHeads * headDim;
    const root = Math.sqrt(headDim);
    let max = -Infinity;
    for (let j = 0; j < weights.length; j++) {
      let score = 0;
      for (let c = 0; c < headDim; c++) score += q[at + c]! * this.#keys[group + j * width + c]!;
      weights[j] = score / root;
      max = Math.max(max, weights[j]!);
    }
    let sum = 0;
    for (let j = 0; j < weights.length; j++) {
      weights[j] = Math.exp(weights[j]! - max);
      sum += weights[j]!;
    }
    for (let j = 0; j < weights.length; j++) {
      const weight = weights[j]! / sum;
      for (let c = 0; c < headDim; c++) o[at + c]! += weight * this.#values[group + j * width + c]!;
    }
  }

  #feedForward(h: Float64Array, layer: number, show: FloatProbe): void {
    const { model } = this;
    const { dim, hidden } = model;
    const x = this.#normalize(h, model.mlpGain, model.mlpShift, layer, show);
    const a = linear(model.gate, model.bGate, layer, hidden, dim, x);
    show("gate", layer, a);
    const activate = model.activation === "silu" ? silu : gelu;
    for (let i = 0; i < a.length; i++) a[i] = activate(a[i]!);
    show("a", layer, a);
    if (model.up) {
      const up = linear(model.up, model.bUp, layer, hidden, dim, x);
      show("up", layer, up);
      for (let i = 0; i < a.length; i++) a[i]! *= up[i]!;
      show("prod", layer, a);
    }
    add(h, linear(model.down, model.bDown, layer, dim, hidden, a));
  }

  #normalize(
    h: Float64Array,
    gain: Float32Array,
    shift: Float32Array | undefined,
    layer: number,
    show?: FloatProbe,
  ): Float64Array {
    const { dim, norm, epsilon } = this.model;
    const out = new Float64Array(h.length);
    for (let at = 0; at < h.length; at += dim) {
      let mean = 0;
      if (norm === "layer") {
        for (let i = at; i < at + dim; i++) mean += h[i]!;
        mean /= dim;
      }
      let square = 0;
      for (let i = at; i < at + dim; i++) square += (h[i]! - mean) * (h[i]! - mean);
      const inverse = 1 / Math.sqrt(square / dim + epsilon);
      for (let i = at; i < at + dim; i++) out[i] = (h[i]! - mean) * inverse;
    }
    show?.("x", layer, out);
    for (let i = 0; i < out.length; i++) {
      const channel = layer * dim + (i % dim);
      out[i] = out[i]! * gain[channel]! + (shift?.[channel] ?? 0);
    }
    return out;
  }
}

/** (n, rows) = x (n, cols) times one layer of a matrix (layers, rows, cols), plus its bias (layers, rows). */
function linear(
  matrix: Float32Array,
  bias: Float32Array | undefined,
  layer: number,
  rows: number,
  cols: number,
  x: Float64Array,
): Float64Array {
  const count = x.length / cols;
  const out = new Float64Array(count * rows);
  const start = layer * rows * cols;
  // four positions, or four rows, at a time: each number that is read serves four products
  const together = count - (count % 4);
  for (let t = 0; t < together; t += 4) multiplyFour(matrix, start, rows, cols, x, t, out);
  for (let t = together; t < count; t++) multiplyOne(matrix, start, rows, cols, x, t, out);
  if (bias) for (let i = 0; i < out.length; i++) out[i]! += bias[layer * rows + (i % rows)]!;
  return out;
}

function multiplyFour(
  matrix: Float32Array,
  start: number,
  rows: number,
  cols: number,
  x: Float64Array,
  t: number,
  out: Float64Array,
): void {
  const x0 = t * cols;
  const x1 = x0 + cols;
  const x2 = x1 + cols;
  const x3 = x2 + cols;
  for (let row = 0; row < rows; row++) {
    const at = start + row * cols;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = 0; i < cols; i++) {
      const w = matrix[at + i]!;
      sum0 += w * x[x0 + i]!;
      sum1 += w * x[x1 + i]!;
      sum2 += w * x[x2 + i]!;
      sum3 += w * x[x3 + i]!;
    }
    const to = t * rows + row;
    out[to] = sum0;
    out[to + rows] = sum1;
    out[to + 2 * rows] = sum2;
    out[to + 3 * rows] = sum3;
  }
}

function multiplyOne(
  matrix: Float32Array,
  start: number,
  rows: number,
  cols: number,
  x: Float64Array,
  t: number,
  out: Float64Array,
): void {
  const from = t * cols;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const at0 = start + row * cols;
    const at1 = at0 + cols;
    const at2 = at1 + cols;
    const at3 = at2 + cols;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = 0; i < cols; i++) {
      const value = x[from + i]!;
      sum0 += matrix[at0 + i]! * value;
      sum1 += matrix[at1 + i]! * value;
      sum2 += matrix[at2 + i]! * value;
      sum3 += matrix[at3 + i]! * value;
    }
    const to = t * rows + row;
    out[to] = sum0;
    out[to + 1] = sum1;
    out[to + 2] = sum2;
    out[to + 3] = sum3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += matrix[start + row * cols + i]! * x[from + i]!;
    out[t * rows + row] = sum;
  }
}

function add(h: Float64Array, update: Float64Array): void {
  for (let i = 0; i < h.length; i++) h[i]! += update[i]!;
}

/** Rotates the neighbours (2i, 2i+1) of every head; x is (positions, width), the first at `position`. */
function rotate(x: Float64Array, width: number, position: number, frequencies: Float64Array): void {
  for (let i = 0; i < x.length; i += 2) {
    const angle = (position + Math.floor(i / width)) * frequencies[(i / 2) % frequencies.length]!;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    x[i] = x0 * cos - x1 * sin;
    x[i + 1] = x0 * sin + x1 * cos;
  }
}

const silu = (x: number) => x / (1 + Math.exp(-x));

const gelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
