import type { Arithmetic } from "../hash/channel.ts";
import type { Claim } from "../whir/claim.ts";
import type { Tensor } from "./air.ts";
import type { Layout } from "./layout.ts";
import { blocksAt } from "./packing.ts";

/** "The multilinear extension of the tensor at `point` is `value`." */
export interface TensorClaim<E> {
  readonly point: readonly E[];
  readonly value: E;
}

/** Pending claims by tensor; prover and verifier fill it in the same order. */
export class ClaimStore<E> {
  readonly #claims = new Map<Tensor, TensorClaim<E>[]>();

  add(tensor: Tensor, point: readonly E[], value: E): void {
    const list = this.#claims.get(tensor) ?? [];
    list.push({ point, value });
    this.#claims.set(tensor, list);
  }

  of(tensor: Tensor): readonly TensorClaim<E>[] {
    return this.#claims.get(tensor) ?? [];
  }

  /** The claims on committed tensors as claims on aligned blocks of the oracles. */
  onOracles(field: Arithmetic<E>, oracles: readonly Layout[]): Claim<E>[] {
    return oracles.flatMap((layout, oracle) =>
      layout.places.flatMap(({ tensor, offset, packing }) =>
        this.of(tensor).map(({ point, value }) => ({
          oracle,
          ...blocksAt(field, packing, offset, point),
          value,
        })),
      ),
    );
  }
}
