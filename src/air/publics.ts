import type { Arithmetic } from "../hash/channel.ts";
import { eqFactor } from "../poly/eq.ts";
import { evaluate } from "../poly/evaluate.ts";
import type { PublicDefinition } from "./air.ts";

/** The tensor of these small integers, evaluated cell by cell: for tables of a few hundred cells. */
export function constantTensor(values: readonly number[]): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) =>
      evaluate(
        field,
        values.map((v) => field.constant(v)),
        point,
      ),
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

/** 1 at the indices below `count` ≤ 2^log, else 0. */
export function firstCells(log: number, count: number): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) => {
      if (count === 2 ** log) return field.constant(1);
      const limit = point.map((_, k) => field.constant(Math.floor(count / 2 ** (log - 1 - k)) % 2));
      return lessThan(field, limit, point);
    },
    values: () => Uint8Array.from({ length: 2 ** log }, (_, i) => Number(i < count)),
  };
}

/** The multilinear extension of [x < number] of the number with these bits: at the first difference x has a 0. */
export function lessThan<E>(field: Arithmetic<E>, bits: readonly E[], point: readonly E[]): E {
  let prefix = field.constant(1);
  let less = field.constant(0);
  point.forEach((x, k) => {
    const below = field.mul(bits[k], field.sub(field.constant(1), x));
    less = field.add(less, field.mul(prefix, below));
    prefix = field.mul(prefix, eqFactor(field, bits[k], x));
  });
  return less;
}
