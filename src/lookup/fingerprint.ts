import type { Arithmetic } from "../hash/channel.ts";

/** The tuple as one field element: tag + β·x_1 + β²·x_2 + …; tags keep the tables' tuples apart. */
export function fingerprint<E>(field: Arithmetic<E>, beta: E, tag: number, tuple: readonly E[]): E {
  return field.add(
    tuple.reduceRight((sum, x) => field.mul(beta, field.add(sum, x)), field.constant(0)),
    field.constant(tag),
  );
}
