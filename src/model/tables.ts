import { ACTIVATION_LIMIT, ROTATION_SHIFT } from "./config.ts";
import { cosSin, exp, gelu, silu } from "./elementary.ts";
import type { ModelOptions } from "./options.ts";

/**
 * The functions that the integer model looks up.
 *
 * @internal
 */
export interface Tables {
  /** (u) in [0, E]: round(E·e^(−δu)) for u in [0, 2^16) */
  readonly exp: Uint16Array;
  /** (x + 2^15) in [−A, A]: the activation of a signed 16-bit x */
  readonly activation: Int16Array;
  /** (μ) in [2^(B−8), 2^B]: round(2^B/√μ) for μ in [0, 2^16), with R[0] = R[1] */
  readonly rsqrt: Uint32Array;
  /** (capacity, headDim/2) in [−2^13, 2^13]: angle position·frequency[i]; empty where positions do not rotate */
  readonly cos: Int16Array;
  /** (capacity, headDim/2) in [−2^13, 2^13] */
  readonly sin: Int16Array;
}

const SIZE = 2 ** 16;

const round = (x: number) => Math.floor(x + 0.5);

export function expTable(expScale: number, delta: number): Uint16Array {
  const table = new Uint16Array(SIZE); // (u) in [0, E]
  for (let u = 0; u < SIZE; u++) table[u] = round(expScale * exp(-Math.min(delta * u, 600)));
  return table;
}

/** x stands for the real number x/inputScale; the result for its activation times outputScale, saturated. */
export function activationTable(
  activation: ModelOptions["activation"],
  inputScale: number,
  outputScale: number,
): Int16Array {
  const activate = activation === "silu" ? silu : gelu;
  const table = new Int16Array(SIZE); // (x + 2^15) in [−A, A]
  for (let i = 0; i < SIZE; i++) {
    const y = round(outputScale * activate((i - SIZE / 2) / inputScale));
    table[i] = Math.max(-ACTIVATION_LIMIT, Math.min(ACTIVATION_LIMIT, y));
  }
  return table;
}

export function rsqrtTable(normBits: number): Uint32Array {
  const table = new Uint32Array(SIZE); // (μ) in [2^(B−8), 2^B]
  const scale = 2 ** normBits;
  for (let mu = 0; mu < SIZE; mu++) table[mu] = round(scale / Math.sqrt(Math.max(mu, 1)));
  return table;
}

/** frequencies (headDim/2): radians per position; capacity · frequency < 2^20. */
export function ropeTables(
  capacity: number,
  frequencies: Float64Array,
): { cos: Int16Array; sin: Int16Array } {
  const half = frequencies.length;
  const scale = 2 ** ROTATION_SHIFT;
  const cos = new Int16Array(capacity * half); // (position, pair) in [−2^13, 2^13]
  const sin = new Int16Array(capacity * half); // (position, pair) in [−2^13, 2^13]
  for (let pair = 0; pair < half; pair++) {
    const frequency = frequencies[pair]!;
    for (let position = 0; position < capacity; position++) {
      const [c, s] = cosSin(position * frequency);
      cos[position * half + pair] = round(scale * c);
      sin[position * half + pair] = round(scale * s);
    }
  }
  return { cos, sin };
}
