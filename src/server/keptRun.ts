import type { TokenEvent } from "../session/events.ts";
import type { FileSystem } from "../session/adapters/fileSystem.ts";
import { formatSession, parseSession } from "../session/sessionFile.ts";
import { FINAL_NAME, FOLD_NAME, SESSION_NAME, segmentName } from "../session/store.ts";
import type { Profile } from "../whir/profile.ts";
import type { FinalInfo, KeptRequest, RunEnding, RunRecord, RunStart, SegmentInfo } from "./runRecord.ts";
import type { RunTables } from "./runTables.ts";

const MAX_PROOF_BYTES = 2 ** 23;
const MAX_FOLD_BYTES = 2 ** 24;

/** Where a server keeps its sessions. */
export interface Shelf {
  readonly tables: RunTables;
  readonly files: FileSystem;
  /** Holds a directory for each session. */
  readonly directory: string;
  readonly profiles: readonly Profile[];
}

/**
 * One run as it is kept: its record in the database, and a directory that `starkstream verify` reads, with
 * `session.json` and the proofs. Each file appears as a whole, and before the row that tells of it, so a killed
 * server leaves nothing half-written.
 */
export class KeptRun {
  readonly directory: string;

  constructor(
    readonly id: string,
    readonly shelf: Shelf,
  ) {
    this.directory = `${shelf.directory}/${id}`;
  }

  async begin(created: number, request: KeptRequest): Promise<void> {
    await this.shelf.files.makeDirectory(this.directory);
    this.shelf.tables.insert(this.id, created, request);
  }

  async start(start: RunStart): Promise<void> {
    await this.#writeSession(start, null);
    this.shelf.tables.setStart(this.id, start);
  }

  token(token: TokenEvent): void {
    this.shelf.tables.addToken(this.id, token);
  }

  async segment(info: SegmentInfo, proof: Uint8Array): Promise<void> {
    await this.shelf.files.write(this.#proofPath(info.index), proof);
    this.shelf.tables.addSegment(this.id, info);
  }

  dropSegments(from: number): void {
    this.shelf.tables.dropSegments(this.id, from);
  }

  async end(ending: RunEnding, start: RunStart | null, segments: number): Promise<void> {
    if (start && ending.type === "done") await this.#writeSession(start, segments);
    this.shelf.tables.setEnding(this.id, ending);
  }

  /** Its files are there: `Folding` writes them. */
  final(info: FinalInfo): void {
    this.shelf.tables.setFinal(this.id, info);
  }

  dropFinal(): void {
    this.shelf.tables.dropFinal(this.id);
  }

  /** The record, or null where there is none. */
  read(): RunRecord | null {
    return this.shelf.tables.read(this.id);
  }

  readProof(index: number): Promise<Uint8Array> {
    return this.shelf.files.read(this.#proofPath(index), MAX_PROOF_BYTES);
  }

  /** The final proof, and `fold.json`, which a verifier needs beside it and the session. */
  async readFinal(): Promise<{ readonly proof: Uint8Array; readonly file: string }> {
    const { files } = this.shelf;
    const [proof, file] = await Promise.all([
      files.read(`${this.directory}/${FINAL_NAME}`, MAX_PROOF_BYTES),
      files.read(`${this.directory}/${FOLD_NAME}`, MAX_FOLD_BYTES),
    ]);
    return { proof, file: new TextDecoder().decode(file) };
  }

  #proofPath(index: number): string {
    return `${this.directory}/${segmentName(index)}`;
  }

  async #writeSession({ file }: RunStart, segments: number | null): Promise<void> {
    const { files, profiles } = this.shelf;
    const text = formatSession({ ...parseSession(file, profiles), segments }, profiles);
    await files.write(`${this.directory}/${SESSION_NAME}`, new TextEncoder().encode(text));
  }
}
