import { WireError } from "./wireError.ts";

const MAX_DEPTH = 4;
/** Values in a frame, keys included. A prompt's tokens are among them. */
const MAX_VALUES = 2 ** 17;

/**
 * Walks a MessagePack frame before anything is built from it: one value, complete, not deep, without
 * extension types, and no array or map that claims more entries than the bytes can hold. A decoder
 * allocates what a length claims; after this it claims no more than was sent.
 *
 * @throws WireError
 */
export function scanFrame(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values still to come, for each open array or map. */
  const open = [1];
  let at = 0;
  let values = 0;

  const skip = (count: number): number => {
    if (count > bytes.length - at)
      throw new WireError(`frame: expected ${count} more bytes at ${at}, found ${bytes.length - at}`);
    at += count;
    return at - count;
  };
  const length = (size: 1 | 2 | 4): number => {
    const from = skip(size);
    return size === 1 ? view.getUint8(from) : size === 2 ? view.getUint16(from) : view.getUint32(from);
  };
  const enter = (count: number): void => {
    if (count > bytes.length - at)
      throw new WireError(`frame: expected ${count} entries at ${at}, found ${bytes.length - at} bytes`);
    if (open.length > MAX_DEPTH) throw new WireError(`frame: expected depth ${MAX_DEPTH}, found more`);
    open.push(count);
  };
  const value = (): void => {
    const kind = length(1);
    if (kind <= 0x7f || kind >= 0xe0) return; // small integers
    if (kind === 0xc0 || kind === 0xc2 || kind === 0xc3) return; // null, booleans
    if (kind <= 0x8f) enter(2 * (kind & 0xf));
    else if (kind <= 0x9f) enter(kind & 0xf);
    else if (kind <= 0xbf) skip(kind & 0x1f);
    else if (kind >= 0xc4 && kind <= 0xc6) skip(length(sizeOf(kind - 0xc4)));
    else if (kind === 0xca || kind === 0xcb) skip(kind === 0xca ? 4 : 8);
    else if (kind >= 0xcc && kind <= 0xd3)
      skip(2 ** (kind & 3)); // integers of 1 to 8 bytes
    else if (kind >= 0xd9 && kind <= 0xdb) skip(length(sizeOf(kind - 0xd9)));
    else if (kind === 0xdc || kind === 0xdd) enter(length(kind === 0xdc ? 2 : 4));
    else if (kind === 0xde || kind === 0xdf) enter(2 * length(kind === 0xde ? 2 : 4));
    else
      throw new WireError(
        `frame: expected plain values, found the type byte 0x${kind.toString(16)} at ${at - 1}`,
      );
  };

  while (open.length > 0) {
    const left = open.length - 1;
    if (open[left] === 0) {
      open.pop();
      continue;
    }
    open[left] = (open[left] as number) - 1;
    if (++values > MAX_VALUES) throw new WireError(`frame: expected ${MAX_VALUES} values, found more`);
    value();
  }
  if (at !== bytes.length)
    throw new WireError(`frame: expected one value of ${at} bytes, found ${bytes.length} bytes`);
}

function sizeOf(step: number): 1 | 2 | 4 {
  return step === 0 ? 1 : step === 1 ? 2 : 4;
}
