import type { AirBuilder, TermText } from "../air/air.ts";
import { addRange } from "./tableRules.ts";

/**
 * Declares the committed tensor `out` = floor((sum + 2^(s−1)) / 2^s) over the axes of `sum`: the
 * remainder sum + 2^(s−1) − 2^s·out lies in [0, 2^s). It has one solution modulo p only because `out`
 * is range-checked too, by a lookup that the caller adds, and |sum| stays below its static bound
 * (docs/semantics.md, "Static bounds").
 */
export function addRequantized(air: AirBuilder, out: string, sum: string, shift: number): void {
  const axes = air.get(sum).axes.join(" ");
  air.committed("trace", out, axes);
  air.virtual(`${out}.remainder`, axes, [
    [1, `${sum} ${axes}`],
    [2 ** (shift - 1)],
    [-(2 ** shift), `${out} ${axes}`],
  ]);
  addRange(air, `${out}.remainder`, shift);
}

/** −2^15 ≤ x < 2^15. */
export function addSigned16(air: AirBuilder, tensor: string): void {
  const axes = air.get(tensor).axes.join(" ");
  air.virtual(`${tensor}.range`, axes, [[1, `${tensor} ${axes}`], [2 ** 15]]);
  addRange(air, `${tensor}.range`, 16);
}

/** clamped = min(A, max(−A, wide)) for a signed 16-bit `wide`. */
export function addClamped(air: AirBuilder, wide: string, clamped: string): void {
  air.lookup(clamped, "clamp", [wide, clamped]);
}

/**
 * A residual update: x = floor((h·2^s + sum + 2^(s−1)) / 2^s) with h = 256·high + low, committed as
 * 256·`name`.high + `name`.low and saturated to 16 bits, byte by byte (`saturation.ts`). −2^16 ≤ x < 2^16.
 *
 * @param kept a public tensor over l, in place of the 2^s that h is multiplied by: 2^(s−c), 0 ≤ c ≤ s
 */
export function addResidual(
  air: AirBuilder,
  name: string,
  [high, low]: readonly [string, string],
  sum: string,
  shift: number,
  [newHigh, newLow]: readonly [string, string],
  kept?: string,
): void {
  const axes = air.get(high).axes.join(" ");
  for (const column of ["high", "low", "side"]) air.committed("trace", `${name}.${column}`, axes);
  const before = (limb: string, size: number): TermText =>
    kept ? [size, `${kept} l`, `${limb} ${axes}`] : [size * 2 ** shift, `${limb} ${axes}`];
  air.virtual(`${name}.remainder`, axes, [
    before(high, 256),
    before(low, 1),
    [1, `${sum} ${axes}`],
    [2 ** (shift - 1)],
    [-(2 ** (shift + 8)), `${name}.high ${axes}`],
    [-(2 ** shift), `${name}.low ${axes}`],
  ]);
  addRange(air, `${name}.remainder`, shift);
  air.lookup(`${name}.high`, "high", [`${name}.high`, newHigh, `${name}.side`]);
  air.lookup(`${name}.low`, "low", [`${name}.low`, newLow, `${name}.side`]);
}
