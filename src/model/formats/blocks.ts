/**
 * GGUF's block formats, as ggml defines them. Every product is exact in float64, so each number is rounded
 * once, to the same float32 as ggml's.
 */
import { halfToFloat } from "./half.ts";

const signed = (byte: number) => (byte << 24) >> 24;

/** 32 numbers: d f16, q i8 each; q·d. */
export function decodeQ8_0(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, to = 0; to < out.length; at += 34, to += 32) {
    const d = halfToFloat(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = signed(bytes[at + 2 + i]!) * d;
  }
}

/** 32 numbers: d f16, q of 4 bits each, the low ones first; (q − 8)·d. */
export function decodeQ4_0(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, to = 0; to < out.length; at += 18, to += 32) {
    const d = halfToFloat(bytes, at);
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 2 + i]!;
      out[to + i] = ((q & 15) - 8) * d;
      out[to + 16 + i] = ((q >> 4) - 8) * d;
    }
  }
}

/** 32 numbers: d and m f16, q of 4 bits each, the low ones first; q·d + m. */
export function decodeQ4_1(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, to = 0; to < out.length; at += 20, to += 32) {
    const d = halfToFloat(bytes, at);
    const m = halfToFloat(bytes, at + 2);
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 4 + i]!;
      out[to + i] = (q & 15) * d + m;
      out[to + 16 + i] = (q >> 4) * d + m;
    }
  }
}

/**
 * 256 numbers in eight groups of 32: d and m f16, a 6-bit scale and minimum for each group in 12 bytes, q of
 * 4 bits each, two groups sharing 32 bytes; d·scale·q − m·minimum.
 */
export function decodeQ4_K(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, to = 0; to < out.length; at += 144, to += 256) {
    const d = halfToFloat(bytes, at);
    const m = halfToFloat(bytes, at + 2);
    const packed = (i: number) => bytes[at + 4 + i]!;
    for (let group = 0; group < 8; group++) {
      const low = group < 4;
      const scale = low ? packed(group) & 63 : (packed(group + 4) & 15) | ((packed(group - 4) >> 6) << 4);
      const minimum = low ? packed(group + 4) & 63 : (packed(group + 4) >> 4) | ((packed(group) >> 6) << 4);
      const from = at + 16 + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let i = 0; i < 32; i++)
        out[to + 32 * group + i] = d * scale * ((bytes[from + i]! >> shift) & 15) - m * minimum;
    }
  }
}

/**
 * 256 numbers: the low 4 bits of each in 128 bytes, the high 2 bits in 64, an i8 scale for every 16 of them,
 * d f16; d·scale·(q − 32).
 */
export function decodeQ6_K(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, to = 0; to < out.length; at += 210, to += 256) {
    const d = halfToFloat(bytes, at + 208);
    for (let i = 0; i < 256; i++) {
      // each half of 128 has four groups of 32; groups 0 and 1 are the low nibbles of 64 bytes, 2 and 3 the high
      const half = i >> 7;
      const group = (i >> 5) & 3;
      const low = bytes[at + 64 * half + (i & 63)]! >> (4 * (group >> 1));
      const high = bytes[at + 128 + 32 * half + (i & 31)]! >> (2 * group);
      const q = (low & 15) | ((high & 3) << 4);
      out[to + i] = d * signed(bytes[at + 192 + (i >> 4)]!) * (q - 32);
    }
  }
}
