import type { Arithmetic } from "../hash/channel.ts";

/** The tuple as one field element: tag + β·x_1 + β²·x_2 + …; tags keep the tables' tuples apart. */
export function fingerprint<E>(field: Arithmetic<E>, beta: E, tag: number, tuple: readonly E[]): E {
  return field.add(
    tuple.reduceRight((sum, x) => field.mul(beta, field.add(sum, x)), field.constant(0)),
    field.constant(tag),
  );
}

/** eq of the point's leading coordinates with the bits of offset / 2^logSize: the weight of an aligned block. */
export function prefixWeight<E>(field: Arithmetic<E>, offset: number, logSize: number, point: readonly E[]): E {
  const prefix = point.slice(0, point.length - logSize);
  return prefix.reduce((weight, x, k) => {
    const bit = Math.floor(offset / 2 ** (point.length - 1 - k)) % 2;
    return field.mul(weight, bit === 1 ? x : field.sub(field.constant(1), x));
  }, field.constant(1));
}
