/** (65536): the value of every IEEE 754 half-precision number. */
const HALVES = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
});

/** The half-precision number at bytes[at], little-endian. */
export function halfToFloat(bytes: Uint8Array, at: number): number {
  return HALVES[bytes[at]! | (bytes[at + 1]! << 8)]!;
}
