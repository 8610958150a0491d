import type { AirBuilder, TermText } from "../air/air.ts";
import { NORM_SHIFT } from "../model/config.ts";
import { addClamped, addRequantized } from "./requantRules.ts";
import { addRange } from "./tableRules.ts";

/**
 * RMSNorm of h = 256·high + low over i, for every cell of `axes`, into the committed tensor `name`:
 *
 *   Σh²/256 = 256·Σhigh² + 2·Σhigh·low + carry, where Σlow² = 256·carry + (an 8-bit rest): its floor is
 *   mean·power + rest with power = 4^f, and f is the least that makes mean 16-bit (`large` = [mean ≥ 2^14]
 *   unless f = 0); inverse = R[mean]·2^(7−f), the same root for `first` ≤ mean ≤ `last`; out = clamp(requant(h·inverse)).
 */
export function addNorm(air: AirBuilder, name: string, axes: string, high: string, low: string): void {
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

  air.virtual(part("lowSquares"), axes, [
    [1, h0, h0],
    [-256, cell("carry")],
  ]);
  addRange(air, part("lowSquares"), 8);
  addRange(air, part("carry"), 16);
  air.relation(part("square"), axes, [
    [256, h1, h1],
    [2, h1, h0],
    [1, cell("carry")],
    [-1, cell("mean"), cell("power")],
    [-1, cell("rest")],
  ]);
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
