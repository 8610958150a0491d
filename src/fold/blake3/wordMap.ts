import type { PublicDefinition } from "../../air/air.ts";
import { eqIndex, eqTable } from "../../poly/eq.ts";
import { LOG_BYTES, LOG_CELLS, LOG_PLACES, LOG_STEPS, type Pair, sumOfPairs } from "./cellMap.ts";
import { type CellTensor, LAST, MESSAGE } from "./keyMaps.ts";

/** Slots of `words`: 8 of the chaining value, 16 of the message, the first 8 of the output. */
export const LOG_WORDS = 5;
/** Slots of `extended`: the last 8 words of the output. */
export const LOG_EXTENDED = 3;

/** Words as (slot, word of cells), word of cells = 8·step + place; and the pieces' factors. */
export interface WordPlaces {
  readonly logSlots: number;
  readonly pairs: Readonly<Record<CellTensor, readonly Pair[]>>;
  readonly units: Readonly<Record<CellTensor, number>>;
}

const units = (high: number) => ({ sumA: 1, xorD: 1, sumC: 1, low: 1, high });
const quarters = [0, 1, 2, 3];
const last = (firstSlot: number, half: number) =>
  quarters.map((q): Pair => [firstSlot + q, 8 * LAST + 2 * q + half]);
const message = (firstSlot: number) =>
  Array.from({ length: 8 }, (_, k): Pair => [firstSlot + k, 8 * MESSAGE + k]);

export const WORDS: WordPlaces = {
  logSlots: LOG_WORDS,
  units: units(16),
  pairs: {
    sumC: [...last(0, 1), ...message(16)],
    sumA: [...last(4, 1), ...message(8)],
    low: last(24, 0),
    high: last(24, 0),
    xorD: last(28, 0),
  },
};

export const EXTENDED: WordPlaces = {
  logSlots: LOG_EXTENDED,
  units: units(128),
  pairs: { sumA: [], sumC: [], low: last(0, 1), high: last(0, 1), xorD: last(4, 1) },
};

/** How a word's bytes make one of its limbs: four factors, least significant byte first. */
export type LimbWeights = readonly [number, number, number, number];

/** The limbs' names and weights: four bytes, or two halves of 16 bits. */
export const LIMBS: Readonly<Record<8 | 16, Readonly<Record<string, LimbWeights>>>> = {
  8: { byte0: [1, 0, 0, 0], byte1: [0, 1, 0, 0], byte2: [0, 0, 1, 0], byte3: [0, 0, 0, 1] },
  16: { half0: [1, 256, 0, 0], half1: [0, 0, 1, 256] },
};

/** What a tensor of cells adds to one limb of the words, over (slot, cell). */
export function wordMap(
  { logSlots, pairs, units }: WordPlaces,
  tensor: CellTensor,
  limb: LimbWeights,
): PublicDefinition {
  const unit = units[tensor];
  return {
    evaluate: (field, _inputs, point) => {
      const slots = eqTable(field, point.slice(0, logSlots));
      const step = point.slice(logSlots, logSlots + LOG_STEPS);
      const places = eqTable(field, point.slice(logSlots + LOG_STEPS, -LOG_BYTES));
      const bytes = eqTable(field, point.slice(-LOG_BYTES));
      const words = [LAST, MESSAGE].reduce((sum, number) => {
        const inStep = pairs[tensor].filter(([, word]) => word >> LOG_PLACES === number);
        if (inStep.length === 0) return sum;
        const own = inStep.map(([slot, word]): Pair => [slot, word & 7]);
        const weight = eqIndex(field, step, number);
        return field.add(sum, field.mul(weight, sumOfPairs(field, own, slots, places)));
      }, field.constant(0));
      const inWord = bytes.reduce(
        (sum, weight, j) => (limb[j] === 0 ? sum : field.add(sum, field.scale(weight, unit * limb[j]))),
        field.constant(0),
      );
      return field.mul(words, inWord);
    },
    values: () => {
      const values = new Int32Array(2 ** (logSlots + LOG_CELLS));
      for (const [slot, word] of pairs[tensor])
        limb.forEach((weight, j) => {
          values[2 ** LOG_CELLS * slot + 4 * word + j] = unit * weight;
        });
      return values;
    },
  };
}
