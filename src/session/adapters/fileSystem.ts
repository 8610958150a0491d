/** The few things that the session store asks of a file system; paths are joined with "/". */
export interface FileSystem {
  /** The first `most` bytes of a file. */
  read(path: string, most: number): Promise<Uint8Array>;
  /** Writes a file so that it is either there as a whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** The names in a directory. */
  list(path: string): Promise<string[]>;
  /** Makes a directory and those above it, where they are missing. */
  makeDirectory(path: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(path: string): Promise<void>;
}
