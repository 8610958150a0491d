import type { ModelConfig } from "../model/config.ts";
import type { Shifts } from "../model/integerModel.ts";

/**
 * What the rules depend on besides the weights: the architecture and the integer semantics. A verifier
 * knows this and the commitment to the weights, not the weights. An `IntegerModel` is one, with more.
 */
export interface ModelDescription {
  readonly config: ModelConfig;
  readonly shifts: Shifts;
  readonly normBits: number;
  readonly expScale: number;
  readonly scoreShift: number;
}
