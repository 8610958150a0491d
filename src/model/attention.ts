import { divideMix } from "./arithmetic.ts";
import type { IntegerModel } from "./integerModel.ts";

/** Past keys and values, one layer after the other. */
export interface Context {
  /** (layers, capacity, kvHeads·headDim) in [−A, A] */
  readonly keys: Int16Array;
  /** (layers, capacity, kvHeads·headDim) in [−A, A] */
  readonly values: Int16Array;
}

export function emptyContext(model: IntegerModel): Context {
  const { layers, capacity, kvHeads, headDim } = model.config;
  const size = layers * capacity * kvHeads * headDim;
  return { keys: new Int16Array(size), values: new Int16Array(size) };
}

/** One layer's and position's attention, step by step. */
export class Attention {
  readonly scores: Int32Array; // (heads, capacity) |.| < 2^29; 0 behind the position
  readonly max: Int32Array; // (heads) signed 16-bit
  readonly u: Int32Array; // (heads, capacity) unsigned 16-bit; 65535 behind the position
  readonly e: Int32Array; // (heads, capacity) in [0, E]; 0 behind the position
  readonly mix: Int32Array; // (heads, headDim) |.| ≤ A·Z < 2^31
  readonly sumE: Int32Array; // (heads) in [1, E·capacity]
  readonly o: Int32Array; // (heads, headDim) in [−A, A]

  constructor(readonly model: IntegerModel) {
    const { heads, headDim, capacity } = model.config;
    this.scores = new Int32Array(heads * capacity);
    this.max = new Int32Array(heads);
    this.u = new Int32Array(heads * capacity);
    this.e = new Int32Array(heads * capacity);
    this.mix = new Int32Array(heads * headDim);
    this.sumE = new Int32Array(heads);
    this.o = new Int32Array(heads * headDim);
  }

  /** q (heads, headDim) in [−A, A] against the context's positions 0 … position, the last included. */
  attend(q: Int32Array, context: Context, layer: number, position: number): void {
    const { heads, kvHeads, headDim, capacity } = this.model.config;
    const keyWidth = kvHeads * headDim;
    for (let head = 0; head < heads; head++) {
      const group = Math.floor(head / (heads / kvHeads));
      const from = layer * capacity * keyWidth + group * headDim; // of position 0 in keys and values
      this.#score(q, context.keys, head, from, keyWidth, position);
      this.#weigh(head, position);
      this.#mix(context.values, head, from, keyWidth, position);
    }
  }

  #score(
    q: Int32Array,
    keys: Int16Array,
    head: number,
    from: number,
    stride: number,
    position: number,
  ): void {
    const { headDim, capacity } = this.model.config;
    this.scores.fill(0, head * capacity, (head + 1) * capacity);
    for (let j = 0; j <= position; j++) {
      let sum = 0;
      for (let c = 0; c < headDim; c++) sum += q[head * headDim + c]! * keys[from + j * stride + c]!;
      this.scores[head * capacity + j] = sum;
    }
  }

  #weigh(head: number, position: number): void {
    const {
      config: { capacity },
      scoreShift,
      tables,
    } = this.model;
    const row = head * capacity;
    let max = Number.NEGATIVE_INFINITY;
    for (let j = 0; j <= position; j++) max = Math.max(max, this.scores[row + j]! >> scoreShift);
    let min = max;
    for (let j = 0; j <= position; j++) min = Math.min(min, this.scores[row + j]! >> scoreShift);
    if (max > 32767 || max < -32768 || max - min > 65535)
      throw new RangeError(`decoder: expected scores of 16 bits, found ${min} to ${max}`);
    this.max[head] = max;
    let sum = 0;
    for (let j = 0; j < capacity; j++) {
      const masked = j > position;
      const u = masked ? 65535 : max - (this.scores[row + j]! >> scoreShift);
      const e = masked ? 0 : tables.exp[u]!;
      this.u[row + j] = u;
      this.e[row + j] = e;
      sum += e;
    }
    this.sumE[head] = sum;
  }

  #mix(values: Int16Array, head: number, from: number, stride: number, position: number): void {
    const { headDim, capacity } = this.model.config;
    for (let c = 0; c < headDim; c++) {
      let n = 0;
      for (let j = 0; j <= position; j++) n += this.e[head * capacity + j]! * values[from + j * stride + c]!;
      this.mix[head * headDim + c] = n;
      this.o[head * headDim + c] = divideMix(n, this.sumE[head]!);
    }
  }
}
