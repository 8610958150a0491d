import { exp, log } from "./elementary.ts";

/** Llama 3's change of slow rotations, from `rope_scaling` in config.json. */
export interface RotaryScaling {
  readonly factor: number;
  readonly lowFactor: number;
  readonly highFactor: number;
  /** The context that the rotations were first trained for. */
  readonly original: number;
}

/**
 * (headDim/2): how many radians each pair turns per position, base^(−2i/headDim). The same to the last
 * bit on every engine, for they enter the model's tables. base in [1, 2^64].
 */
export function rotaryFrequencies(headDim: number, base: number): Float64Array {
  const logBase = log(base);
  return Float64Array.from({ length: headDim / 2 }, (_, pair) => exp((-2 * pair * logBase) / headDim));
}

/**
 * Divides by `factor` the rotations that make less than `lowFactor` turns in the original context, leaves
 * alone those that make more than `highFactor`, and blends between.
 */
export function scaleFrequencies(frequencies: Float64Array, scaling: RotaryScaling): Float64Array {
  const { factor, lowFactor, highFactor, original } = scaling;
  return frequencies.map((frequency) => {
    const turns = (original * frequency) / (2 * Math.PI);
    const blend = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
    return (1 - blend) * (frequency / factor) + blend * frequency;
  });
}
