/**
 * What a decoding step reports, in this order: per layer from "h" to "out", then "xf", "logits". Where positions are
 * learned there are no xq, xk, rotQ, rotK; without a gate no accUp, up, accProd, prod.
 */
export const LAYER_EVENTS = [
  "h", // (dim) 16-bit: the layer's input
  "xn", // (dim) ±A: its norm
  "accQ", // (heads·headDim) < 2^29
  "accK", // (kvHeads·headDim) < 2^29
  "accV", // (kvHeads·headDim) < 2^29
  "xq", // (heads·headDim) ±23000: requantized, not yet rotated
  "xk", // (kvHeads·headDim) ±23000
  "rotQ", // (heads·headDim) < 2^28: rotated accumulators, interleaved pairs as in q
  "rotK", // (kvHeads·headDim) < 2^28
  "q", // (heads·headDim) ±A
  "k", // (kvHeads·headDim) ±A
  "v", // (kvHeads·headDim) ±A
  "scores", // (heads, capacity) < 2^29; 0 behind the position
  "max", // (heads) 16-bit: of floor(score / 2^σ)
  "u", // (heads, capacity) [0, 2^16); 65535 behind the position
  "e", // (heads, capacity) [0, E]; 0 behind the position
  "mix", // (heads·headDim) < 2^31: Σ e·v
  "sumE", // (heads) [1, E·capacity]: Z
  "o", // (heads·headDim) ±A
  "accO", // (dim) < 2^28
  "mid", // (dim) 16-bit: the residual after attention
  "xm", // (dim) ±A: its norm
  "accGate", // (hidden) < 2^29
  "accUp", // (hidden) < 2^29
  "a", // (hidden) ±A: ACT of the requantized gate
  "up", // (hidden) 16-bit
  "accProd", // (hidden) < 2^26: a·up
  "prod", // (hidden) ±A
  "accDown", // (dim) < 2^28
  "out", // (dim) 16-bit: the residual after the MLP
] as const;

/** Reported after the last layer, as layer −1. */
export const FINAL_EVENTS = [
  "xf", // (dim) ±A: the final norm
  "logits", // (vocab) < 2^29
] as const;

export type EventName = (typeof LAYER_EVENTS)[number] | (typeof FINAL_EVENTS)[number];

/** Receives a step's values. They are valid during the call only: the next step overwrites them. */
export type Sink = (name: EventName, layer: number, values: Int32Array) => void;
