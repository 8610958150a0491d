import type { Air, Tensor } from "./air.ts";
import type { ClaimStore } from "./claims.ts";

/** Claims at one point on tensors of one family: they are reduced together. */
export interface Batch<E> {
  readonly point: readonly E[];
  readonly members: readonly BatchMember<E>[];
}

export interface BatchMember<E> {
  readonly tensor: Tensor;
  readonly value: E;
}

/**
 * The virtual tensors in families, the last defined first: neighbours over the same axes, none of which names
 * another, so that all claims on them are there at once.
 */
export function families(air: Air): Tensor[][] {
  const list: Tensor[][] = [];
  for (const virtual of air.virtuals) {
    const last = list.at(-1);
    const joins =
      last?.[0]?.axes.join(" ") === virtual.axes.join(" ") && !last.some((other) => names(virtual, other));
    if (joins) last.push(virtual);
    else list.push([virtual]);
  }
  return list.reverse();
}

function names({ source }: Tensor, other: Tensor): boolean {
  return (
    source.kind === "virtual" &&
    source.terms.some(({ factors }) => factors.some(({ tensor }) => tensor === other))
  );
}

/**
 * The claims on a family by their points, in the order in which the points first occur. Points are made of
 * challenges, so they are equal where they are the same challenges: by value, natively, as by wire, in a circuit.
 * That two challenges coincide is as unlikely as a false proof; it would change which claims γ batches, not what is shown.
 *
 * @param keyOf the same for the same coordinate
 */
export function batchClaims<E>(
  claims: ClaimStore<E>,
  family: readonly Tensor[],
  keyOf: (coordinate: E) => string,
): Batch<E>[] {
  const batches = new Map<string, { point: readonly E[]; members: BatchMember<E>[] }>();
  for (const tensor of family)
    for (const { point, value } of claims.of(tensor)) {
      const key = point.map(keyOf).join(";");
      const batch = batches.get(key);
      if (batch) batch.members.push({ tensor, value });
      else batches.set(key, { point, members: [{ tensor, value }] });
    }
  return [...batches.values()];
}
