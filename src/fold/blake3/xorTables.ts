import type { AirBuilder, PublicDefinition } from "../../air/air.ts";
import { counter } from "../../air/publics.ts";
import type { Arithmetic } from "../../hash/channel.ts";

/** log2 of the rows of both tables. */
export const LOG_XOR = 18;

/** The tables' names. */
export const ADD_XOR = "blake3.addXor";
export const ADD_XOR_SPLIT = "blake3.addXorSplit";

/** A row of either table by its index, which is its key. */
export interface XorRow {
  readonly sum: number;
  readonly xor: number;
}

/** Row of `addXor`: key = s + 2^10·y. */
export function addXorRow(key: number): XorRow {
  const sum = key & 255;
  return { sum, xor: sum ^ (key >> 10) };
}

/** Row of `addXorSplit`: key = s + 2^9·y + 2^17·half; the xor is split into (4, 4) or (7, 1) bits by half. */
export function addXorSplitRow(key: number): XorRow & { readonly low: number; readonly high: number } {
  const sum = key & 255;
  const xor = sum ^ ((key >> 9) & 255);
  const bits = lowBits(key >> 17);
  return { sum, xor, low: xor & ((1 << bits) - 1), high: xor >> bits };
}

/** Bits of the low piece: what a rotation by 12, in the first half of a G, or by 7, in the second, cuts off. */
export function lowBits(half: number): number {
  return half === 0 ? 4 : 7;
}

/**
 * The tables, once per air, and their multiplicities in `oracle`. All columns are public, with short
 * formulas. For every sum s (0 ≤ s < 2^10 or 2^9) and every byte y:
 *
 * | table | row |
 * | --- | --- |
 * | addXor | s + 2^10·y, s mod 256, (s mod 256) ^ y |
 * | addXorSplit | s + 2^9·y + 2^17·half, s mod 256, the low 4 or 7 bits of (s mod 256) ^ y, the rest of it |
 */
export function addXorTables(air: AirBuilder, oracle: string): void {
  if (air.tables.some(({ name }) => name === ADD_XOR)) return;
  const axis = "blake3.row";
  air.public("blake3.key", axis, counter(LOG_XOR));
  const sum = column(
    (field, bits) => number(field, bits.sum),
    (key) => key & 255,
  );
  air.public("blake3.sum", axis, sum);
  air.public(
    `${ADD_XOR}.xor`,
    axis,
    column(
      (field, bits) => number(field, xorBits(field, bits.sum, bits.y)),
      (key) => addXorRow(key).xor,
      2,
    ),
  );
  air.public(`${ADD_XOR_SPLIT}.low`, axis, splitColumn(0));
  air.public(`${ADD_XOR_SPLIT}.high`, axis, splitColumn(1));
  air.table(oracle, ADD_XOR, ["blake3.key", "blake3.sum", `${ADD_XOR}.xor`]);
  air.table(oracle, ADD_XOR_SPLIT, [
    "blake3.key",
    "blake3.sum",
    `${ADD_XOR_SPLIT}.low`,
    `${ADD_XOR_SPLIT}.high`,
  ]);
}

/** The low (0) or the high (1) piece: the one split unless half, the other if half. */
function splitColumn(piece: 0 | 1): PublicDefinition {
  const pieceOf = <E>(bits: readonly E[], half: number) =>
    piece === 0 ? bits.slice(8 - lowBits(half)) : bits.slice(0, 8 - lowBits(half));
  return column(
    (field, { half, sum, y }) => {
      const bits = xorBits(field, sum, y);
      const [first, second] = [0, 1].map((h) => number(field, pieceOf(bits, h)));
      return field.add(first, field.mul(half, field.sub(second, first)));
    },
    (key) => {
      const { low, high } = addXorSplitRow(key);
      return piece === 0 ? low : high;
    },
  );
}

/** The bits of an index, most significant first: of both tables' sums, and of what stands above them. */
interface Bits<E> {
  readonly half: E;
  readonly y: readonly E[];
  readonly sum: readonly E[];
}

function column(
  evaluate: <E>(field: Arithmetic<E>, bits: Bits<E>) => E,
  value: (key: number) => number,
  carryBits = 1,
): PublicDefinition {
  return {
    evaluate: (field, _inputs, point) => {
      const y = LOG_XOR - 8 - carryBits;
      return evaluate(field, { half: point[0], y: point.slice(y - 8, y), sum: point.slice(LOG_XOR - 8) });
    },
    values: () => Int32Array.from({ length: 2 ** LOG_XOR }, (_, key) => value(key)),
  };
}

/** a + b − 2ab, bit by bit. */
function xorBits<E>(field: Arithmetic<E>, a: readonly E[], b: readonly E[]): E[] {
  return a.map((x, k) => field.sub(field.add(x, b[k]), field.scale(field.mul(x, b[k]), 2)));
}

function number<E>(field: Arithmetic<E>, bits: readonly E[]): E {
  return bits.reduce((sum, bit) => field.add(field.add(sum, sum), bit), field.constant(0));
}
