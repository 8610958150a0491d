import { ACTIVATION_LIMIT } from "./config.ts";

/** floor((acc + 2^(s−1)) / 2^s): division by 2^s, halves upwards; exact for |acc| < 2^52, s ≥ 1. */
export function requant(acc: number, s: number): number {
  return Math.floor((acc + 2 ** (s - 1)) / 2 ** s);
}

/** Saturates to ±A. */
export function clamp(x: number): number {
  return x > ACTIVATION_LIMIT ? ACTIVATION_LIMIT : x < -ACTIVATION_LIMIT ? -ACTIVATION_LIMIT : x;
}

/** Saturates to signed 16-bit. */
export function clamp16(x: number): number {
  return x > 32767 ? 32767 : x < -32768 ? -32768 : x;
}

/** The residual update before saturation, in steps 2^c times as long: floor((h·2^(s−c) + acc + 2^(s−1)) / 2^s). */
export function residual(h: number, acc: number, s: number, c = 0): number {
  return Math.floor((h * 2 ** (s - c) + acc + 2 ** (s - 1)) / 2 ** s);
}

/** Attention's one division: floor((N + 4·Zs) / (8·Zs)), Zs = floor(Z/8) + 1; towards −∞; |N| < 2^31, 0 < Z < 2^20. */
export function divideMix(n: number, z: number): number {
  const zs = Math.floor(z / 8) + 1;
  return Math.floor((n + 4 * zs) / (8 * zs));
}
