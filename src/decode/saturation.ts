import type { PublicDefinition } from "../air/air.ts";
import type { Arithmetic } from "../hash/channel.ts";

/*
 * Saturation of a signed 17-bit x = 256·high + low to 16 bits, byte by byte. The high byte decides: it is
 * in [−128, 128), or x lies beyond the range on one `side`, and then both bytes are those of the limit.
 * The columns of two small tables follow; their indices' leading bits say which case a row belongs to.
 */

/** min(127, max(−128, x)) for x = index − 256. */
export const highByte: PublicDefinition = {
  evaluate: (field, _inputs, [top, next, ...low]) => {
    const { both, neither, onlyFirst, onlySecond } = cases(field, top, next);
    const rest = binary(field, low);
    const values = [
      field.mul(onlySecond, field.sub(rest, field.constant(128))),
      field.mul(onlyFirst, rest),
      field.scale(neither, -128),
      field.scale(both, 127),
    ];
    return values.reduce((a, b) => field.add(a, b));
  },
  values: () => Int32Array.from({ length: 512 }, (_, i) => saturate(i - 256)),
};

/** −1, 0 or 1: below, within or above [−128, 128), for x = index − 256. */
export const highSide: PublicDefinition = {
  evaluate: (field, _inputs, [top, next]) => field.sub(field.add(top, next), field.constant(1)),
  values: () => Int32Array.from({ length: 512 }, (_, i) => Math.sign(i - 256 - saturate(i - 256))),
};

/** The low byte of x: index modulo 256. The two leading bits of the index are its row's side, `lowSide`. */
export const lowByteRaw: PublicDefinition = {
  evaluate: (field, _inputs, [, , ...low]) => binary(field, low),
  values: () => Int32Array.from({ length: 1024 }, (_, i) => i % 256),
};

/** 0, 1, −1, and 0 again. */
export const lowSide: PublicDefinition = {
  evaluate: (field, _inputs, [top, next]) => field.sub(next, top),
  values: () => Int32Array.from({ length: 1024 }, (_, i) => [0, 1, -1, 0][i >> 8]),
};

/** The low byte after saturation: x's own, or 255, or 0, as the side says. */
export const lowByte: PublicDefinition = {
  evaluate: (field, _inputs, [top, next, ...low]) => {
    const { both, neither, onlySecond } = cases(field, top, next);
    return field.add(field.mul(field.add(both, neither), binary(field, low)), field.scale(onlySecond, 255));
  },
  values: () => Int32Array.from({ length: 1024 }, (_, i) => [i % 256, 255, 0, i % 256][i >> 8]),
};

function saturate(x: number): number {
  return Math.min(127, Math.max(-128, x));
}

/** The weights of the four values of two bits. */
function cases<E>(field: Arithmetic<E>, first: E, second: E) {
  const both = field.mul(first, second);
  const onlyFirst = field.sub(first, both);
  const onlySecond = field.sub(second, both);
  const neither = field.sub(field.constant(1), field.add(first, onlySecond));
  return { both, neither, onlyFirst, onlySecond };
}

/** The number with these bits. */
function binary<E>(field: Arithmetic<E>, bits: readonly E[]): E {
  return bits.reduce((sum, bit) => field.add(field.scale(sum, 2), bit), field.constant(0));
}
