import { decodeQ4_0, decodeQ4_1, decodeQ4_K, decodeQ6_K, decodeQ8_0 } from "./blocks.ts";
import { halfToFloat } from "./half.ts";

/** How a tensor's numbers are stored. */
export interface ElementType {
  /** Numbers in a block; a row is a whole number of blocks. */
  readonly block: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /** out (n) = the numbers of n / block blocks. Absent for types that no weights come in. */
  readonly decode?: (bytes: Uint8Array, out: Float32Array) => void;
}

const plain = (bytes: number): ElementType => ({ block: 1, bytes });

/** By the names that safetensors and GGUF share, or that only one of them has. */
export const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  F32: { block: 1, bytes: 4, decode: decodeF32 },
  F16: { block: 1, bytes: 2, decode: decodeF16 },
  BF16: { block: 1, bytes: 2, decode: decodeBF16 },
  Q8_0: { block: 32, bytes: 34, decode: decodeQ8_0 },
  Q4_0: { block: 32, bytes: 18, decode: decodeQ4_0 },
  Q4_1: { block: 32, bytes: 20, decode: decodeQ4_1 },
  Q4_K: { block: 256, bytes: 144, decode: decodeQ4_K },
  Q6_K: { block: 256, bytes: 210, decode: decodeQ6_K },
  BOOL: plain(1),
  U8: plain(1),
  I8: plain(1),
  F8_E5M2: plain(1),
  F8_E4M3: plain(1),
  I16: plain(2),
  U16: plain(2),
  I32: plain(4),
  U32: plain(4),
  I64: plain(8),
  U64: plain(8),
  F64: plain(8),
};

/** How many bytes a tensor takes; NaN for an unknown type. */
export function bytesOf(type: string, shape: readonly number[]): number {
  const { block, bytes } = Object.hasOwn(ELEMENT_TYPES, type) ? ELEMENT_TYPES[type]! : plain(Number.NaN);
  return (shape.reduce((a, b) => a * b, 1) / block) * bytes;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function decodeF32(bytes: Uint8Array, out: Float32Array): void {
  const view = viewOf(bytes);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
}

function decodeF16(bytes: Uint8Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = halfToFloat(bytes, 2 * i);
}

/** The upper half of a float32. */
function decodeBF16(bytes: Uint8Array, out: Float32Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < out.length; i++) words[i] = ((bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16) >>> 0;
}
