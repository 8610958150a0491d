import type { PublicDefinition } from "../../air/air.ts";
import { fromInteger } from "../../field/m31.ts";
import type { Arithmetic } from "../../hash/channel.ts";
import { eqTable } from "../../poly/eq.ts";
import type { ByteMap } from "./byteMaps.ts";

/*
 * Cells of a compression: index 32·step + 4·place + byte, place = 2·quarter + half of the G. A map from
 * cells to cells is public and sparse, so that the verifier evaluates it with few multiplications.
 */
export const LOG_STEPS = 4;
export const LOG_PLACES = 3;
export const LOG_BYTES = 2;
export const LOG_CELLS = LOG_STEPS + LOG_PLACES + LOG_BYTES;

/** (to, from) */
export type Pair = readonly [number, number];

/** The product of a map of steps, a map of places and a map of bytes. */
export interface MapPart {
  readonly steps: readonly Pair[];
  readonly places: readonly Pair[];
  readonly bytes: ByteMap;
}

/** The sum of the parts as a tensor over (cell to, cell from). */
export function cellMap(parts: readonly MapPart[]): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) => {
      const to = weightsOf(field, point.slice(0, LOG_CELLS));
      const from = weightsOf(field, point.slice(LOG_CELLS));
      const bytes = to.bytes.flatMap((a) => from.bytes.map((b) => field.mul(a, b)));
      return parts.reduce((sum, part) => {
        const steps = sumOfPairs(field, part.steps, to.steps, from.steps);
        const places = sumOfPairs(field, part.places, to.places, from.places);
        const inWord = part.bytes.reduce(
          (total, entry, k) => (entry === 0 ? total : field.add(total, field.scale(bytes[k], entry))),
          field.constant(0),
        );
        return field.add(sum, field.mul(field.mul(steps, places), inWord));
      }, field.constant(0));
    },
    values: () => {
      const values = new Int32Array(2 ** (2 * LOG_CELLS));
      for (const { steps, places, bytes } of parts)
        for (const [step, fromStep] of steps)
          for (const [place, fromPlace] of places)
            bytes.forEach((entry, k) => {
              const to = 32 * step + 4 * place + (k >> 2);
              const from = 32 * fromStep + 4 * fromPlace + (k & 3);
              const at = 2 ** LOG_CELLS * to + from;
              values[at] = fromInteger(values[at] + entry);
            });
      return values;
    },
  };
}

/** eq(point, ·) of a cell index, by step, place and byte. */
export function weightsOf<E>(field: Arithmetic<E>, cell: readonly E[]) {
  return {
    steps: eqTable(field, cell.slice(0, LOG_STEPS)),
    places: eqTable(field, cell.slice(LOG_STEPS, LOG_STEPS + LOG_PLACES)),
    bytes: eqTable(field, cell.slice(LOG_STEPS + LOG_PLACES)),
  };
}

/** Σ a[to]·b[from]; pairs with the same `to` share a multiplication. */
export function sumOfPairs<E>(
  field: Arithmetic<E>,
  pairs: readonly Pair[],
  a: readonly E[],
  b: readonly E[],
): E {
  const sums = new Map<number, E>();
  for (const [to, from] of pairs) {
    const known = sums.get(to);
    sums.set(to, known === undefined ? b[from] : field.add(known, b[from]));
  }
  return [...sums].reduce((sum, [to, value]) => field.add(sum, field.mul(a[to], value)), field.constant(0));
}
