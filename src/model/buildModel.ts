import { type ModelConfig, expScaleFor } from "./config.ts";
import type { Biases, IntegerModel, Scales, Shifts, Weights } from "./integerModel.ts";
import { activationTable, expTable, ropeTables, rsqrtTable } from "./tables.ts";

/** What an integer model is stored as: everything else follows from it. */
export interface ModelParameters {
  readonly config: ModelConfig;
  readonly shifts: Shifts;
  readonly normBits: number;
  readonly scoreShift: number;
  readonly scales: Scales;
  /** (headDim/2, or 0): radians per position */
  readonly frequencies: Float64Array;
  readonly weights: Weights;
  readonly biases: Biases;
}

/** Completes the parameters by their tables; the caller checks the bounds. */
export function buildModel(parameters: ModelParameters): IntegerModel {
  const { config, normBits, scales, frequencies } = parameters;
  const expScale = expScaleFor(config.capacity);
  return {
    ...parameters,
    expScale,
    tables: {
      exp: expTable(expScale, scales.expDelta),
      activation: activationTable(config.activation, scales.gate, scales.activation),
      rsqrt: rsqrtTable(normBits),
      ...ropeTables(config.capacity, frequencies),
    },
  };
}
