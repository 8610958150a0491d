import type { FloatModel } from "./llama2c.ts";

/** Called with intermediate values of a step; valid during the call only. */
export type FloatProbe = (
  name: "h" | "x" | "q" | "k" | "v" | "a" | "prod",
  layer: number,
  values: Float64Array,
) => void;

/**
 * The float reference: the checkpoint as llama2.c runs it, in float64. For calibrating the integer
 * model and comparing with it; nothing that is proven depends on its last bits.
 */
export class FloatDecoder {
  /** (vocab) of the last step */
  readonly logits: Float64Array;
  position = 0;
  readonly #keys: Float64Array; // (layers, capacity, kvHeads·headDim)
  readonly #values: Float64Array; // (layers, capacity, kvHeads·headDim)

  constructor(
    readonly model: FloatModel,
    readonly capacity = model.sequence,
  ) {
    this.logits = new Float64Array(model.vocab);
    const size = model.layers * capacity * model.kvHeads * model.headDim;
    this.#keys = new Float64Array(size);
    this.#values = new Float64Array(size);
  }

  reset(): void {
    this.position = 0;
  }

  /** Decodes one token; returns the logits. */
  step(token: number, probe?: FloatProbe): Float64Array {
    const { model, position } = this;
    const { dim, layers, vocab } = model;
    if (token < 0 || token >= vocab)
      throw new RangeError(`float decoder: expected a token in [0, ${vocab}), found ${token}`);
    if (position >= this.capacity)
      throw new RangeError(`float decoder: expected a position below ${this.capacity}, found ${position}`);
    const h = Float64Array.from(model.embedding.subarray(token * dim, (token + 1) * dim));
    probe?.("h", 0, h);
    const angles = anglesAt(position, model.headDim);
    for (let layer = 0; layer < layers; layer++) {
      this.#attend(h, layer, angles, probe);
      probe?.("h", layer, h);
      this.#feedForward(h, layer, probe);
      probe?.("h", layer, h);
    }
    const x = normalize(h, model.finalGain, 0);
    multiply(model.head, 0, vocab, x, this.logits);
    this.position++;
    return this.logits;
  }

  #attend(h: Float64Array, layer: number, angles: [number, number][], probe: FloatProbe | undefined): void {
    const { model, position, capacity } = this;
    const { dim, heads, kvHeads, headDim } = model;
    const width = kvHeads * headDim;
    const x = normalize(h, model.attentionGain, layer, probe);
    const q = multiply(model.wq, layer, dim, x);
    const k = multiply(model.wk, layer, width, x);
    const v = multiply(model.wv, layer, width, x);
    rotate(q, angles);
    rotate(k, angles);
    probe?.("q", layer, q);
    probe?.("k", layer, k);
    probe?.("v", layer, v);
    const base = layer * capacity * width;
    this.#keys.set(k, base + position * width);
    this.#values.set(v, base + position * width);

    const o = new Float64Array(dim);
    const weights = new Float64Array(position + 1);
    for (let head = 0; head < heads; head++) {
      const group = Math.floor(head / (heads / kvHeads)) * headDim;
      let max = -Infinity;
      for (let j = 0; j <= position; j++) {
        let score = 0;
        for (let c = 0; c < headDim; c++)
          score += q[head * headDim + c]! * this.#keys[base + j * width + group + c]!;
        weights[j] = score / Math.sqrt(headDim);
        max = Math.max(max, weights[j]!);
      }
      let sum = 0;
      for (let j = 0; j <= position; j++) {
        weights[j] = Math.exp(weights[j]! - max);
        sum += weights[j]!;
      }
      for (let j = 0; j <= position; j++) {
        for (let c = 0; c < headDim; c++) {
          o[head * headDim + c]! += (weights[j]! / sum) * this.#values[base + j * width + group + c]!;
        }
      }
    }
    const out = multiply(model.wo, layer, dim, o);
    for (let i = 0; i < dim; i++) h[i]! += out[i]!;
  }

  #feedForward(h: Float64Array, layer: number, probe: FloatProbe | undefined): void {
    const { dim, hidden } = this.model;
    const x = normalize(h, this.model.mlpGain, layer, probe);
    const gate = multiply(this.model.gate, layer, hidden, x);
    const up = multiply(this.model.up, layer, hidden, x);
    for (let i = 0; i < hidden; i++) gate[i] = gate[i]! / (1 + Math.exp(-gate[i]!));
    probe?.("a", layer, gate);
    for (let i = 0; i < hidden; i++) gate[i]! *= up[i]!;
    probe?.("prod", layer, gate);
    const out = multiply(this.model.down, layer, dim, gate);
    for (let i = 0; i < dim; i++) h[i]! += out[i]!;
  }
}

function multiply(
  matrix: Float32Array,
  layer: number,
  rows: number,
  x: Float64Array,
  out: Float64Array = new Float64Array(rows),
): Float64Array {
  const cols = x.length;
  let at = layer * rows * cols;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += matrix[at++]! * x[i]!;
    out[row] = sum;
  }
  return out;
}

function normalize(h: Float64Array, gain: Float32Array, layer: number, probe?: FloatProbe): Float64Array {
  let sum = 0;
  for (const value of h) sum += value * value;
  const inverse = 1 / Math.sqrt(sum / h.length + 1e-5);
  const x = h.map((value) => value * inverse);
  probe?.("x", layer, x);
  for (let i = 0; i < x.length; i++) x[i]! *= gain[layer * x.length + i]!;
  return x;
}

/** Rotates the interleaved pairs (2i, 2i+1) of every head; angles is (headDim/2) of [cos, sin]. */
function rotate(x: Float64Array, angles: readonly (readonly [number, number])[]): void {
  for (let i = 0; i < x.length; i += 2) {
    const [cos, sin] = angles[(i / 2) % angles.length]!;
    const x0 = x[i]!;
    const x1 = x[i + 1]!;
    x[i] = x0 * cos - x1 * sin;
    x[i + 1] = x0 * sin + x1 * cos;
  }
}

function anglesAt(position: number, headDim: number): [number, number][] {
  return Array.from({ length: headDim / 2 }, (_, pair) => {
    const angle = position * 10000 ** ((-2 * pair) / headDim);
    return [Math.cos(angle), Math.sin(angle)];
  });
}
