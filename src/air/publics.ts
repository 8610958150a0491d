import { evaluate } from "../poly/evaluate.ts";
import type { PublicDefinition } from "./air.ts";

/** The tensor of these small integers, evaluated cell by cell: for tables of a few hundred cells. */
export function constantTensor(values: readonly number[]): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) => evaluate(field, values.map((v) => field.constant(v)), point),
    values: () => values,
  };
}

/** 0, 1, …, 2^log − 1, plus `start`. */
export function counter(log: number, start = 0): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) =>
      point.reduce((sum, x, k) => field.add(sum, field.scale(x, 2 ** (log - 1 - k))), field.constant(start)),
    values: () => Int32Array.from({ length: 2 ** log }, (_, i) => i + start),
  };
}

/** 1 at index 0, else 0. */
export function isZero(log: number): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) =>
      point.reduce((product, x) => field.mul(product, field.sub(field.constant(1), x)), field.constant(1)),
    values: () => Int32Array.from({ length: 2 ** log }, (_, i) => (i === 0 ? 1 : 0)),
  };
}
