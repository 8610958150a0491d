/// <reference path="./msgpackr.d.ts" />
// this build of msgpackr makes no code from strings, and reads no variables of the environment
import { Packr, Unpackr } from "msgpackr/index-no-eval";
import { scanFrame } from "./scanFrame.ts";
import { WireError } from "./wireError.ts";

const packer = new Packr({ useRecords: false });
const unpacker = new Unpackr({ useRecords: false, mapsAsObjects: true });

/** A value as one MessagePack frame. */
export function packFrame(value: object): Uint8Array<ArrayBuffer> {
  // a copy of its own: the packer's buffer is larger and used again
  return Uint8Array.from(packer.pack(value));
}

/**
 * The value in a frame of at most `most` bytes: null, boolean, number, bigint, text, bytes, array or map.
 *
 * @throws WireError
 */
export function unpackFrame(bytes: Uint8Array, most: number): unknown {
  if (bytes.length > most)
    throw new WireError(`frame: expected at most ${most} bytes, found ${bytes.length}`);
  scanFrame(bytes);
  try {
    return unpacker.unpack(bytes);
  } catch (error) {
    throw new WireError(
      `frame: expected MessagePack, found ${error instanceof Error ? error.message : error}`,
    );
  }
}
