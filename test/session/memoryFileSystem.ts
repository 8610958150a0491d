import type { FileSystem } from "../../src/session/adapters/fileSystem.ts";

/** Files in a map; `readOnly` refuses every write, as a full or protected disk does. */
export class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, Uint8Array>();
  readOnly = false;

  async read(path: string, most: number): Promise<Uint8Array> {
    const bytes = this.files.get(path);
    if (!bytes) throw new Error(`no such file ${path}`);
    return bytes.slice(0, most);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    if (this.readOnly) throw new Error("read-only file system");
    this.files.set(path, bytes.slice());
  }

  async list(path: string): Promise<string[]> {
    const prefix = `${path}/`;
    return [...this.files.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  async makeDirectory(): Promise<void> {}

  async remove(path: string): Promise<void> {
    this.files.delete(path);
  }
}
