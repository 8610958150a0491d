import type { AirBuilder, TermText } from "../air/air.ts";
import { NORM_SHIFT } from "../model/config.ts";
import { addClamped, addRequantized, addSigned16 } from "./requantRules.ts";
import { addRange } from "./tableRules.ts";

/**
 * RMSNorm of h = 256·high + low over i, for every cell of `axes`, into the committed tensor `name`:
 *
 *   floor(Σh²/2^e) = mean·power + rest with power = 4^f, and f is the least that makes mean 16-bit (`large`
 *   = [mean ≥ 2^14] unless f = 0); inverse = R[mean]·2^(7−f), the same root for `first` ≤ mean ≤ `last`; out =
 *   clamp(requant(h·inverse)).
 *
 * @param meanShift e, at least 8
 */
export function addNorm(
  air: AirBuilder,
  name: string,
  axes: string,
  high: string,
  low: string,
  meanShift: number,
): void {
  const part = (suffix: string) => `${name}.${suffix}`;
  for (const column of ["carry", "mean", "first", "last", "large", "root", "power", "gain", "rest"])
    air.committed("trace", part(column), axes);
  const cell = (column: string) => `${part(column)} ${axes}`;
  const h1 = `${high} ${axes} i`;
  const h0 = `${low} ${axes} i`;
  const difference = (difference: string, ...terms: TermText[]) => {
    air.virtual(difference, axes, terms);
    addRange(air, difference, 16);
  };

  if (meanShift === 8) addSquare(air, name, axes, h1, h0);
  else addWideSquare(air, name, axes, h1, h0, meanShift);
  addRange(air, part("lowSquares"), 8);
  addRange(air, part("carry"), 16);
  // first ≤ mean ≤ last
  air.lookup(part("root"), "rsqrt", [part("first"), part("last"), part("root"), part("large")]);
  difference(part("mean.above"), [1, cell("mean")], [-1, cell("first")]);
  difference(part("mean.below"), [1, cell("last")], [-1, cell("mean")]);
  // 0 ≤ rest < power
  air.lookup(part("power"), "power", [part("power"), part("large"), part("gain")]);
  addRange(air, part("rest"), 16);
  difference(part("rest.below"), [1, cell("power")], [-1, cell("rest")], [-1]);

  air.virtual(part("inverse"), axes, [[1, cell("root"), cell("gain")]]);
  const inverse = `${part("inverse")} ${axes}`;
  air.virtual(part("sum"), `${axes} i`, [
    [256, h1, inverse],
    [1, h0, inverse],
  ]);
  addRequantized(air, part("wide"), part("sum"), NORM_SHIFT);
  air.committed("trace", name, `${axes} i`);
  addClamped(air, part("wide"), name);
}

/**
 * e = 8: Σh²/256 = 256·Σhigh² + 2·Σhigh·low + carry, where Σlow² = 256·carry + (8 bits); all below 2^30.
 */
function addSquare(air: AirBuilder, name: string, axes: string, h1: string, h0: string): void {
  const cell = (column: string) => `${name}.${column} ${axes}`;
  air.virtual(`${name}.lowSquares`, axes, [
    [1, h0, h0],
    [-256, cell("carry")],
  ]);
  air.relation(`${name}.square`, axes, [
    [256, h1, h1],
    [2, h1, h0],
    [1, cell("carry")],
    [-1, cell("mean"), cell("power")],
    [-1, cell("rest")],
  ]);
}

/**
 * e = 8 + k, 0 < k ≤ 4: Σh²/256 may exceed p, so it is divided by 2^k limb by limb. With Σlow² =
 * 2^e·carry + 256·part + (8 bits) and 2·Σhigh·low + part = 2^k·cross + (k bits),
 *
 *   floor(Σh²/2^e) = 2^(8−k)·Σhigh² + carry + cross, and cross = 2^9·cross1 + (9 bits) with a 16-bit cross1.
 *
 * Σlow², 2·Σhigh·low and 2^k·cross stay within ±2^28, so each identity holds over the integers.
 */
function addWideSquare(
  air: AirBuilder,
  name: string,
  axes: string,
  h1: string,
  h0: string,
  meanShift: number,
): void {
  const k = meanShift - 8;
  const part = (suffix: string) => `${name}.${suffix}`;
  const cell = (column: string) => `${part(column)} ${axes}`;
  for (const column of ["part", "cross1"]) air.committed("trace", part(column), axes);
  air.virtual(part("lowSquares"), axes, [
    [1, h0, h0],
    [-(2 ** meanShift), cell("carry")],
    [-256, cell("part")],
  ]);
  addRange(air, part("part"), k);

  air.virtual(part("cross"), axes, [
    [1, cell("mean"), cell("power")],
    [1, cell("rest")],
    [-(2 ** (8 - k)), h1, h1],
    [-1, cell("carry")],
  ]);
  air.virtual(part("cross0"), axes, [
    [1, cell("cross")],
    [-(2 ** 9), cell("cross1")],
  ]);
  addRange(air, part("cross0"), 9);
  addSigned16(air, part("cross1"));
  air.virtual(part("crossRest"), axes, [
    [2, h1, h0],
    [1, cell("part")],
    [-(2 ** k), cell("cross")],
  ]);
  addRange(air, part("crossRest"), k);
}
