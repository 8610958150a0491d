import { Attention, type Context, emptyContext } from "./attention.ts";
import { clamp, clamp16, requant, residual } from "./arithmetic.ts";
import { ROTATION_LIMIT, ROTATION_SHIFT } from "./config.ts";
import type { IntegerModel } from "./integerModel.ts";
import { type KernelMemory, type Matrices, kernelMatrices, scalarMatrices } from "./matrices.ts";
import { rmsNorm } from "./norm.ts";
import { isGated, isRotary } from "./options.ts";
import type { EventName, Sink } from "./sink.ts";

/**
 * Runs the integer model token by token. Without kernels everything is plain TypeScript; with them
 * the matrices are multiplied in WebAssembly, to the same bits. Expects a model that `checkBounds` passed.
 */
export class Decoder {
  readonly context: Context;
  /** (vocab) |.| < 2^29: of the last step */
  readonly logits: Int32Array;
  #position = 0;
  readonly #matrices: Matrices;
  readonly #attention: Attention;
  readonly #buffers;

  constructor(
    readonly model: IntegerModel,
    kernels?: KernelMemory,
  ) {
    const { dim, hidden, heads, kvHeads, headDim, vocab } = model.config;
    this.context = emptyContext(model);
    this.logits = new Int32Array(vocab);
    this.#matrices = kernels ? kernelMatrices(model, kernels) : scalarMatrices(model);
    this.#attention = new Attention(model);
    const vector = (n: number) => new Int32Array(n);
    const qWidth = heads * headDim;
    const kWidth = kvHeads * headDim;
    // shapes and ranges: see sink.ts
    this.#buffers = {
      h: vector(dim),
      xn: vector(dim),
      accO: vector(dim),
      accDown: vector(dim),
      accQ: vector(qWidth),
      xq: vector(qWidth),
      rotQ: vector(qWidth),
      q: vector(qWidth),
      accK: vector(kWidth),
      xk: vector(kWidth),
      rotK: vector(kWidth),
      k: vector(kWidth),
      accV: vector(kWidth),
      v: vector(kWidth),
      accGate: vector(hidden),
      accUp: vector(hidden),
      a: vector(hidden),
      up: vector(hidden),
      accProd: vector(hidden),
      prod: vector(hidden),
    };
  }

  /** How many tokens the context holds; the next step's position. */
  get position(): number {
    return this.#position;
  }

  /** Forgets all positions from this one on. */
  rewind(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.#position) {
      throw new RangeError(`decoder: expected a position in [0, ${this.#position}], found ${position}`);
    }
    this.#position = position;
  }

  /** Decodes one token and returns the greedy choice for the next: the lowest index of the largest logit. */
  step(token: number, sink?: Sink): number {
    const {
      config: { capacity, vocab, dim, layers },
      weights,
      tables,
    } = this.model;
    if (!Number.isInteger(token) || token < 0 || token >= vocab) {
      throw new RangeError(`decoder: expected a token in [0, ${vocab}), found ${token}`);
    }
    if (this.#position >= capacity) {
      throw new RangeError(
        `decoder: expected a position below the capacity ${capacity}, found ${this.#position}`,
      );
    }
    const { h, xn } = this.#buffers;
    h.set(weights.embedding.subarray(token * dim, (token + 1) * dim));
    if (weights.positions.length > 0)
      for (let i = 0; i < dim; i++) h[i]! += weights.positions[this.#position * dim + i]!;
    for (let layer = 0; layer < layers; layer++) {
      sink?.("h", layer, h);
      this.#attend(layer, sink);
      this.#feedForward(layer, sink);
    }
    rmsNorm(h, tables.rsqrt, xn);
    sink?.("xf", -1, xn);
    this.#matrices.multiply("head", 0, xn, this.logits);
    sink?.("logits", -1, this.logits);
    this.#position++;
    return argmax(this.logits);
  }

  /** h += Wo · attention(norm(h)) */
  #attend(layer: number, sink: Sink | undefined): void {
    const { config, shifts, tables } = this.model;
    const { h, xn, accQ, accK, accV, xq, xk, rotQ, rotK, q, k, v, accO } = this.#buffers;
    const clamped = (acc: Int32Array, name: "q" | "k" | "v", out: Int32Array) => {
      for (let i = 0; i < out.length; i++)
        out[i] = clamp(within(WORD, requant(acc[i]!, shifts[name]), name, layer));
    };
    rmsNorm(h, tables.rsqrt, xn);
    this.#matrices.multiply("wq", layer, xn, accQ);
    this.#matrices.multiply("wk", layer, xn, accK);
    this.#matrices.multiply("wv", layer, xn, accV);
    if (isRotary(config)) {
      for (let i = 0; i < xq.length; i++)
        xq[i] = within(ROTATION_LIMIT, requant(accQ[i]!, shifts.q), "q", layer);
      for (let i = 0; i < xk.length; i++)
        xk[i] = within(ROTATION_LIMIT, requant(accK[i]!, shifts.k), "k", layer);
      this.#rotate(xq, rotQ);
      this.#rotate(xk, rotK);
      for (let i = 0; i < q.length; i++) q[i] = clamp(requant(rotQ[i]!, ROTATION_SHIFT));
      for (let i = 0; i < k.length; i++) k[i] = clamp(requant(rotK[i]!, ROTATION_SHIFT));
    } else {
      clamped(accQ, "q", q);
      clamped(accK, "k", k);
    }
    clamped(accV, "v", v);
    const row = (layer * config.capacity + this.#position) * k.length;
    this.context.keys.set(k, row);
    this.context.values.set(v, row);

    const attention = this.#attention;
    attention.attend(q, this.context, layer, this.#position);
    this.#matrices.multiply("wo", layer, attention.o, accO);
    for (let i = 0; i < h.length; i++)
      h[i] = clamp16(within(2 * WORD, residual(h[i]!, accO[i]!, shifts.o), "mid", layer));
    if (!sink) return;
    const { scores, max, u, e, mix, sumE, o } = attention;
    const events = {
      xn,
      accQ,
      accK,
      accV,
      ...(isRotary(config) && { xq, xk, rotQ, rotK }),
      q,
      k,
      v,
      scores,
      max,
      u,
      e,
      mix,
      sumE,
      o,
      accO,
    };
    report(sink, layer, events);
    sink("mid", layer, h);
  }

  /** h += W2 · (silu(W1 · norm(h)) ∘ W3 · norm(h)), or W2 · gelu(W1 · norm(h)) */
  #feedForward(layer: number, sink: Sink | undefined): void {
    const { config, shifts, tables } = this.model;
    const { h, xn: xm, accGate, accUp, a, up, accProd, prod, accDown } = this.#buffers;
    rmsNorm(h, tables.rsqrt, xm);
    this.#matrices.multiply("gate", layer, xm, accGate);
    for (let i = 0; i < a.length; i++)
      a[i] = tables.activation[within(WORD, requant(accGate[i]!, shifts.gate), "gate", layer) + 32768]!;
    if (isGated(config)) {
      this.#matrices.multiply("up", layer, xm, accUp);
      for (let i = 0; i < a.length; i++) {
        up[i] = within(WORD, requant(accUp[i]!, shifts.up), "up", layer);
        accProd[i] = a[i]! * up[i]!;
        prod[i] = clamp(within(WORD, requant(accProd[i]!, shifts.prod), "prod", layer));
      }
    }
    this.#matrices.multiply("down", layer, isGated(config) ? prod : a, accDown);
    for (let i = 0; i < h.length; i++)
      h[i] = clamp16(within(2 * WORD, residual(h[i]!, accDown[i]!, shifts.down), "out", layer));
    if (!sink) return;
    const gated = isGated(config);
    const events = {
      xm,
      accGate,
      ...(gated && { accUp }),
      a,
      ...(gated && { up, accProd, prod }),
      accDown,
    };
    report(sink, layer, events);
    sink("out", layer, h);
  }

  /** Rotates interleaved pairs (2i, 2i+1) of every head by the position's angles, without requantizing. */
  #rotate(x: Int32Array, out: Int32Array): void {
    const {
      config: { headDim },
      tables,
    } = this.model;
    const half = headDim / 2;
    for (let pair = 0; pair < x.length / 2; pair++) {
      const angle = this.#position * half + (pair % half);
      const cos = tables.cos[angle]!;
      const sin = tables.sin[angle]!;
      const x0 = x[2 * pair]!;
      const x1 = x[2 * pair + 1]!;
      out[2 * pair] = x0 * cos - x1 * sin;
      out[2 * pair + 1] = x0 * sin + x1 * cos;
    }
  }
}

/** Reports one layer's values, in order. */
function report(sink: Sink, layer: number, events: Readonly<Partial<Record<EventName, Int32Array>>>): void {
  for (const [name, values] of Object.entries(events)) sink(name as EventName, layer, values);
}

const WORD = 2 ** 15 - 1;

/** x, if it is within ±limit, where the rules and tables know it; the model has no next token otherwise. */
function within(limit: number, x: number, name: string, layer: number): number {
  if (x > limit || x < -limit)
    throw new RangeError(`decoder: expected ${name} in layer ${layer} to stay within ±${limit}, found ${x}`);
  return x;
}

/** The lowest index among the maxima. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
