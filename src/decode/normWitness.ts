import { clamp, requant } from "../model/arithmetic.ts";
import { NORM_SHIFT } from "../model/config.ts";
import { normOf } from "../model/norm.ts";
import { rootRunOf } from "./rootRuns.ts";

/** The columns of `addNorm` for the rows (…, width) of h; e = `meanShift`. */
export function addNormWitness(
  witness: Map<string, Int32Array>,
  name: string,
  h: Int32Array,
  width: number,
  meanShift: number,
  rsqrt: Uint32Array,
): void {
  const cells = h.length / width;
  const column = (suffix: string, length = cells) => {
    const values = new Int32Array(length);
    witness.set(`${name}.${suffix}`, values);
    return values;
  };
  const [carry, mean, first, last, large, root, power, gain, rest] = [
    "carry",
    "mean",
    "first",
    "last",
    "large",
    "root",
    "power",
    "gain",
    "rest",
  ].map((suffix) => column(suffix));
  const wideMean = meanShift > 8 ? { part: column("part"), cross1: column("cross1") } : null;
  const wide = column("wide", h.length);
  const out = new Int32Array(h.length);
  witness.set(name, out);
  for (let cell = 0; cell < cells; cell++) {
    const row = h.subarray(cell * width, (cell + 1) * width);
    const { sum, f, mu, inv } = normOf(row, meanShift, rsqrt);
    const lowSquares = row.reduce((total, x) => total + (x & 255) ** 2, 0);
    carry[cell] = Math.floor(lowSquares / 2 ** meanShift);
    mean[cell] = mu;
    const run = rootRunOf(rsqrt, mu);
    first[cell] = run.first;
    last[cell] = run.last;
    large[cell] = run.large;
    root[cell] = run.root;
    power[cell] = 4 ** f;
    gain[cell] = 2 ** (7 - f);
    rest[cell] = Math.floor(sum / 2 ** meanShift) - mu * 4 ** f;
    if (wideMean) {
      const highSquares = row.reduce((total, x) => total + (x >> 8) ** 2, 0);
      const cross = rest[cell] + mu * 4 ** f - 2 ** (16 - meanShift) * highSquares - carry[cell];
      wideMean.part[cell] = Math.floor(lowSquares / 256) % 2 ** (meanShift - 8);
      wideMean.cross1[cell] = Math.floor(cross / 2 ** 9);
    }
    for (let i = 0; i < width; i++) {
      const k = cell * width + i;
      wide[k] = requant(row[i] * inv, NORM_SHIFT);
      out[k] = clamp(wide[k]);
    }
  }
}
