import {
  checkConfig,
  expScaleFor,
  MAX_RESIDUAL_SHIFT,
  MAX_SHIFT,
  type ModelConfig,
  normBitsFor,
  scoreShiftFor,
} from "./config.ts";
import type { Shifts } from "./integerModel.ts";
import { isGated } from "./options.ts";

/**
 * What the rules depend on besides the weights: the architecture and the integer semantics. A verifier
 * knows this and the commitment to the weights, not the weights. An `IntegerModel` is one, with more.
 *
 * @internal
 */
export interface ModelDescription {
  readonly config: ModelConfig;
  readonly shifts: Shifts;
  readonly normBits: number;
  readonly expScale: number;
  readonly scoreShift: number;
}

/**
 * Throws unless the description is one that the rules are sound for: the relations of
 * `requantRules.ts` hold over the integers only up to these shifts.
 */
export function checkDescription({ config, shifts, normBits, expScale, scoreShift }: ModelDescription): void {
  checkConfig(config);
  const expect = (name: string, expected: string, found: number, ok: boolean) => {
    if (!ok) throw new Error(`model: expected ${name} to be ${expected}, found ${found}`);
  };
  for (const name of ["q", "k", "v", "o", "gate", "up", "down", "prod"] as const) {
    const s = shifts[name];
    const high = name === "o" || name === "down" ? MAX_RESIDUAL_SHIFT : MAX_SHIFT;
    if ((name === "up" || name === "prod") && !isGated(config)) expect(`shift ${name}`, "0", s, s === 0);
    else expect(`shift ${name}`, `an integer in [1, ${high}]`, s, Number.isInteger(s) && s >= 1 && s <= high);
  }
  expect(
    "normBits",
    `one of ${normBitsFor(config.dim).join(", ")}`,
    normBits,
    normBitsFor(config.dim).includes(normBits),
  );
  expect("expScale", `${expScaleFor(config.capacity)}`, expScale, expScale === expScaleFor(config.capacity));
  const largest = scoreShiftFor(config.headDim);
  expect(
    "scoreShift",
    `an integer in [1, ${largest}]`,
    scoreShift,
    Number.isInteger(scoreShift) && scoreShift >= 1 && scoreShift <= largest,
  );
}
