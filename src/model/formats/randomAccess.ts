/** A file that need not fit into memory. */
export interface RandomAccess {
  /** What messages call it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** `length` bytes from `offset` on; the caller keeps both within the size. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that is in memory already. */
export function bytesAccess(name: string, bytes: Uint8Array): RandomAccess {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}
