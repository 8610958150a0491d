import { carried, rotated, takenOut } from "./byteMaps.ts";
import type { MapPart, Pair } from "./cellMap.ts";
import { MESSAGE_OF, STEPS } from "../../hash/schedule.ts";

/**
 * The committed tensors of a block of compressions, each over (n, cell); see `addBlake3` for what they hold.
 */
export const CELL_TENSORS = ["sumA", "xorD", "sumC", "low", "high"] as const;
export type CellTensor = (typeof CELL_TENSORS)[number];

/** The other operand's factor in a lookup key: sums that are xored into d stay below 768, those into b below 512. */
export const D_UNIT = 2 ** 10;
export const B_UNIT = 2 ** 9;
/** What keys of the second half of a G are raised by in the table with the split result. */
export const HALF_UNIT = 2 ** 17;

/** The step that finalizes; its `second half` cells in sumA and sumC are the chaining value. */
export const LAST = STEPS;
/** The step whose cells in sumA and sumC are the message. */
export const MESSAGE = STEPS + 1;

const own = range(0, STEPS).map((s): Pair => [s, s]);
const toDiagonals = range(1, STEPS).flatMap((s): Pair[] => (s % 2 === 1 ? [[s, s - 1]] : []));
const toColumns = range(1, STEPS).flatMap((s): Pair[] => (s % 2 === 0 ? [[s, s - 1]] : []));
const previous = [...toDiagonals, ...toColumns];
const start: Pair[] = [[0, LAST]];
const end: Pair[] = [[LAST, STEPS - 1]];

/** From `fromHalf` of quarter q + shift to `half` of quarter q. */
function across(half: number, fromHalf: number, shift = 0): Pair[] {
  return range(0, 4).map((q) => [2 * q + half, 2 * ((q + shift) & 3) + fromHalf]);
}
const everywhere = range(0, 8).map((place): Pair => [place, place]);
/** The second half of a G goes on from the first. */
const second = across(1, 0);
/** The first half of a G goes on from the previous step's second. On the diagonals, quarter q holds b_(q+1), c_(q+2), d_(q+3). */
const first = (shift = 0) => across(0, 1, shift);

/** The bytes b = (b ^ c) >>> 12 and >>> 7 as combinations of a split result: (4, 4) bits, (7, 1) bits. */
const afterTwelve = {
  low: (unit: number) => rotated(2, 16 * unit),
  high: (unit: number) => rotated(1, unit),
};
const afterSeven = { low: (unit: number) => rotated(1, 2 * unit), high: (unit: number) => rotated(0, unit) };

/** A part for each step: the message words that the tensor holds, added to a. */
function messageParts(tensor: "sumA" | "sumC"): MapPart[] {
  return range(0, STEPS).map((step) => ({
    steps: [[step, MESSAGE]],
    places: range(0, 8).flatMap((place): Pair[] => {
      const word = MESSAGE_OF[8 * step + place];
      return (tensor === "sumA") === word < 8 ? [[place, word & 7]] : [];
    }),
    bytes: carried(),
  }));
}

/** b as an addend of a. */
function addedB(piece: "low" | "high"): MapPart[] {
  return [
    { steps: own, places: second, bytes: carried(afterTwelve[piece](1)) },
    { steps: toDiagonals, places: first(1), bytes: carried(afterSeven[piece](1)) },
    { steps: toColumns, places: first(3), bytes: carried(afterSeven[piece](1)) },
    { steps: end, places: first(3), bytes: afterSeven[piece](1) },
  ];
}

/** b as the operand that is xored with c. */
function xoredB(piece: "low" | "high"): MapPart[] {
  return [
    { steps: own, places: second, bytes: afterTwelve[piece](B_UNIT) },
    { steps: toDiagonals, places: first(1), bytes: afterSeven[piece](B_UNIT) },
    { steps: toColumns, places: first(3), bytes: afterSeven[piece](B_UNIT) },
  ];
}

/**
 * Key of (a + b + message) ^ d, per byte: sum with its carry in + 2^10·d. At the last step: v_(4+i) ^ v_(12+i) in
 * the first half, cv_(4+i) ^ v_(12+i) in the second. At the message step: the cell itself.
 */
export const KEY_A: Readonly<Record<CellTensor, readonly MapPart[]>> = {
  sumA: [
    { steps: own, places: everywhere, bytes: takenOut() },
    { steps: own, places: second, bytes: carried() },
    { steps: previous, places: first(), bytes: carried() },
    { steps: start, places: first(), bytes: carried() },
    { steps: [[LAST, LAST]], places: across(1, 1), bytes: rotated(0) },
    { steps: [[MESSAGE, MESSAGE]], places: everywhere, bytes: rotated(0) },
    ...messageParts("sumA"),
  ],
  xorD: [
    { steps: own, places: second, bytes: rotated(2, D_UNIT) },
    { steps: toDiagonals, places: first(3), bytes: rotated(1, D_UNIT) },
    { steps: [...toColumns, ...end], places: first(1), bytes: rotated(1, D_UNIT) },
    { steps: end, places: across(1, 1, 1), bytes: rotated(1, D_UNIT) },
  ],
  sumC: [{ steps: start, places: first(), bytes: carried() }, ...messageParts("sumC")],
  low: addedB("low"),
  high: addedB("high"),
};

/**
 * Key of (c + d) ^ b, per byte: sum with its carry in + 2^9·b + 2^17·half. At the last step: v_i ^ v_(8+i) in the
 * first half, cv_i ^ v_(8+i) in the second. At the message step: the cell itself + 2^17·half.
 */
export const KEY_C: Readonly<Record<CellTensor, readonly MapPart[]>> = {
  sumA: [
    { steps: start, places: first(), bytes: rotated(0, B_UNIT) },
    { steps: end, places: first(), bytes: rotated(0) },
  ],
  xorD: [
    { steps: own, places: across(0, 0), bytes: carried(rotated(2)) },
    { steps: own, places: across(1, 1), bytes: carried(rotated(1)) },
  ],
  sumC: [
    { steps: own, places: everywhere, bytes: takenOut() },
    { steps: own, places: second, bytes: carried() },
    { steps: previous, places: first(2), bytes: carried() },
    { steps: end, places: first(2), bytes: rotated(0, B_UNIT) },
    { steps: end, places: across(1, 1, 2), bytes: rotated(0, B_UNIT) },
    { steps: [[LAST, LAST]], places: across(1, 1), bytes: rotated(0) },
    { steps: [[MESSAGE, MESSAGE]], places: everywhere, bytes: rotated(0) },
  ],
  low: xoredB("low"),
  high: xoredB("high"),
};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}
