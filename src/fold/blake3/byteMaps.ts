import { fromInteger, inv, mul } from "../../field/m31.ts";

/** A linear map of the four bytes of a word (least significant first): 16 words mod p, entry 4·to + from. */
export type ByteMap = readonly number[];

const INV_256 = inv(256);

/** Byte j of the result is coefficient · byte j + 'bytes' (mod 4): a rotation to the right by whole bytes. */
export function rotated(bytes: number, coefficient = 1): ByteMap {
  return entries((to, from) => (from === ((to + bytes) & 3) ? coefficient : 0));
}

/**
 * What arrives at byte `to` of a sum when carries ripple up unreduced: Σ_{from ≤ to} byte_from / 256^(to − from).
 * After `rotated`, if given.
 */
export function carried(map: ByteMap = rotated(0)): ByteMap {
  return entries((to, from) => {
    let sum = 0;
    for (let k = 0; k <= to; k++) sum += mul(power(INV_256, to - k), map[4 * k + from]);
    return sum;
  });
}

/** What leaves: −Σ_{from < to} byte_from / 256^(to − from) of the sum's own bytes. */
export function takenOut(): ByteMap {
  return entries((to, from) => (from < to ? -power(INV_256, to - from) : 0));
}

function entries(entry: (to: number, from: number) => number): ByteMap {
  return Array.from({ length: 16 }, (_, k) => fromInteger(entry(k >> 2, k & 3)));
}

function power(base: number, exponent: number): number {
  return exponent === 0 ? 1 : mul(base, power(base, exponent - 1));
}
