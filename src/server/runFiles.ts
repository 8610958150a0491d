import type { FileSystem } from "../session/adapters/fileSystem.ts";
import { parseSession, formatSession } from "../session/sessionFile.ts";
import { SESSION_NAME, segmentName } from "../session/store.ts";
import type { Profile } from "../whir/profile.ts";
import { formatRunRecord, parseRunRecord, type RunRecord } from "./runRecord.ts";

const RUN_NAME = "run.json";
const MAX_RECORD_BYTES = 2 ** 26;
const MAX_PROOF_BYTES = 2 ** 23;

/**
 * One run's directory: what `starkstream verify` reads, and `run.json`. Each file appears as a whole,
 * and a proof before the record that names it, so a killed server leaves nothing half-written.
 */
export class RunFiles {
  constructor(
    readonly files: FileSystem,
    readonly directory: string,
    readonly profiles: readonly Profile[],
  ) {}

  async begin(record: RunRecord): Promise<void> {
    await this.files.makeDirectory(this.directory);
    await this.save(record);
  }

  async save(record: RunRecord): Promise<void> {
    const finished = record.ending?.type === "done" ? record.segments.length : null;
    if (record.start) await this.#write(SESSION_NAME, this.#sessionFile(record.start.file, finished));
    await this.#write(RUN_NAME, formatRunRecord(record));
  }

  async saveProof(index: number, proof: Uint8Array): Promise<void> {
    await this.files.write(`${this.directory}/${segmentName(index)}`, proof);
  }

  readProof(index: number): Promise<Uint8Array> {
    return this.files.read(`${this.directory}/${segmentName(index)}`, MAX_PROOF_BYTES);
  }

  /** The record, or null where there is none. */
  async read(): Promise<RunRecord | null> {
    let bytes: Uint8Array;
    try {
      bytes = await this.files.read(`${this.directory}/${RUN_NAME}`, MAX_RECORD_BYTES);
    } catch {
      return null;
    }
    return parseRunRecord(new TextDecoder().decode(bytes));
  }

  #sessionFile(file: string, segments: number | null): string {
    return formatSession({ ...parseSession(file, this.profiles), segments }, this.profiles);
  }

  async #write(name: string, text: string): Promise<void> {
    await this.files.write(`${this.directory}/${name}`, new TextEncoder().encode(text));
  }
}
