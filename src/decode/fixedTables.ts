import type { Air, Tensor } from "../air/air.ts";
import { ACTIVATION_LIMIT } from "../model/config.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { isRotary } from "../model/options.ts";
import { rootRuns } from "./rootRuns.ts";
import { LOG_ROOTS } from "./tableRules.ts";

/** Every tensor of the fixed oracle, by name: weights and function tables as signed integers, without padding. */
export function fixedTables(model: IntegerModel, air: Air): Map<string, ArrayLike<number>> {
  const { capacity, headDim } = model.config;
  const { weights, biases, tables } = model;
  const pairs = headDim / 2;
  const result = new Map<string, ArrayLike<number>>();
  const place = (name: string, values: ArrayLike<number>) => {
    const { lengths } = air.tensors.get(name) as Tensor;
    const cells = lengths.reduce((product, length) => product * length, 1);
    if (values.length !== cells) throw new Error(`${name}: expected ${cells} values, found ${values.length}`);
    result.set(name, values);
  };

  for (const [name, values] of Object.entries({ ...weights, ...biases }))
    if (values.length > 0) place(name, values);

  if (isRotary(model.config)) {
    const rope = new Int32Array(capacity * pairs * 4);
    for (let k = 0; k < capacity * pairs; k++) {
      const [cos, sin] = [tables.cos[k], tables.sin[k]];
      rope.set([cos, -sin, sin, cos], 4 * k);
    }
    place("rope", rope);
  }

  const table = (name: string, log: number, value: (x: number) => number) => {
    place(
      name,
      Int32Array.from({ length: 2 ** log }, (_, x) => value(x)),
    );
  };
  const signed16 = (x: number) => x - 2 ** 15;
  const saturate = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x));
  table("clamp.value", 16, (x) => saturate(signed16(x), -ACTIVATION_LIMIT, ACTIVATION_LIMIT));
  table("activation.value", 16, (x) => tables.activation[x]);
  table("exp.value", 16, (u) => tables.exp[u]);

  const runs = rootRuns(tables.rsqrt);
  if (runs.length > 2 ** LOG_ROOTS)
    throw new Error(`rsqrt: expected at most ${2 ** LOG_ROOTS} runs of equal entries, found ${runs.length}`);
  const root = (row: number) => runs[row] ?? runs[0];
  table("rsqrt.first", LOG_ROOTS, (row) => root(row).first);
  table("rsqrt.last", LOG_ROOTS, (row) => root(row).last);
  table("rsqrt.value", LOG_ROOTS, (row) => root(row).root);
  table("rsqrt.large", LOG_ROOTS, (row) => root(row).large);
  return result;
}
