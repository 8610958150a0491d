import type { Arithmetic } from "../hash/channel.ts";
import { eqFactor, eqIndex } from "../poly/eq.ts";
import { lineFactor } from "../poly/lineWeight.ts";

/**
 * The weight w of a claim Σ_b v_b·w_b as a sum of tensor terms, never expanded by the verifier (WHIR,
 * eprint 2024/1586, §3: constrained Reed–Solomon codes). A term lives on an aligned block of 2^k
 * cells, k = point.length, and is `coefficient` times
 * - eq(point, ·), or
 * - the monomials of an in-domain evaluation at x, with point = linePowers(x, k).
 *
 * @example
 * ```ts
 * const weight = new Weight<Ext>();
 * weight.add(20, { coefficient, kind: "eq", offset: 0, point });
 * const w = weight.evaluate(f, challenges); // 20 or more challenges; the term sees the last 20
 * ```
 */
export interface WeightTerm<E> {
  readonly coefficient: E;
  readonly kind: "eq" | "line";
  /** In cells; a multiple of 2^point.length. */
  readonly offset: number;
  /** Most significant variable first. */
  readonly point: readonly E[];
}

/** The weight of the polynomial in hand, its terms added when it had more or less of its variables left. */
export class Weight<E> {
  readonly #terms: { readonly variables: number; readonly term: WeightTerm<E> }[] = [];

  /** A term on a polynomial of `variables` variables. */
  add(variables: number, term: WeightTerm<E>): void {
    this.#terms.push({ variables, term });
  }

  /** The value after all variables are bound, in this order: later terms saw only the last challenges. */
  evaluate(field: Arithmetic<E>, challenges: readonly E[]): E {
    let sum = field.constant(0);
    for (const { variables, term } of this.#terms)
      sum = field.add(sum, evaluateTerm(field, term, challenges.slice(challenges.length - variables)));
    return sum;
  }
}

function evaluateTerm<E>(
  field: Arithmetic<E>,
  { coefficient, kind, offset, point }: WeightTerm<E>,
  r: readonly E[],
): E {
  const prefix = r.length - point.length;
  const factor = kind === "eq" ? eqFactor : lineFactor;
  let product = field.mul(coefficient, eqIndex(field, r.slice(0, prefix), offset / 2 ** point.length));
  for (let i = 0; i < point.length; i++)
    product = field.mul(product, factor(field, point[i] as E, r[prefix + i] as E));
  return product;
}
