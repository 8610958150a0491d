import type { Session } from "../segment/statement.ts";
import { type Profile, SESSION_PROFILES } from "../whir/profile.ts";
import type { FileSystem } from "./adapters/fileSystem.ts";
import { InputError, messageOf } from "./inputError.ts";
import { formatSession, parseSession, type SessionFile } from "./sessionFile.ts";

export const SESSION_NAME = "session.json";
export const FOLD_NAME = "fold.json";
export const FINAL_NAME = "final.proof";
/** Of a step. */
export const STEP_NAME = /^fold-(\d{4})\.proof$/;
const SEGMENT_NAME = /^segment-(\d{4})\.proof$/;
/** No session file is longer; */
const MAX_SESSION_BYTES = 2 ** 16;
/** no proof is, so a longer file is cut here and rejected by the verifier. */
export const MAX_PROOF_BYTES = 2 ** 23;

export function segmentName(index: number): string {
  return `segment-${String(index).padStart(4, "0")}.proof`;
}

/** A session as it lies in a directory. */
export interface StoredSession extends SessionFile {
  /** The numbers in the proofs' names, ascending. */
  readonly indices: readonly number[];
  /** In the same order. */
  readonly proofs: readonly Uint8Array[];
}

/**
 * Writes a session into a directory while it runs: first `session.json`, then every proof as it comes.
 * Each file appears as a whole, so whatever is there when a run breaks off verifies.
 */
export class SessionWriter {
  #file: SessionFile | undefined;

  private constructor(
    readonly fs: FileSystem,
    readonly directory: string,
    readonly profiles: readonly Profile[],
  ) {}

  /** Makes the directory, and sees that it can be written to. @throws InputError if the directory cannot be made or written to */
  static async open(
    fs: FileSystem,
    directory: string,
    profiles: readonly Profile[] = SESSION_PROFILES,
  ): Promise<SessionWriter> {
    const probe = `${directory}/.starkstream-probe`;
    try {
      await fs.makeDirectory(directory);
      await fs.write(probe, new Uint8Array(1));
      await fs.remove(probe);
    } catch (error) {
      throw new InputError(
        `output directory ${directory}: expected to write there, found: ${messageOf(error)}`,
      );
    }
    return new SessionWriter(fs, directory, profiles);
  }

  /** Replaces the session that the directory may hold. */
  async begin(session: Session, modelId: string): Promise<void> {
    await this.fs.remove(`${this.directory}/${SESSION_NAME}`);
    for (const name of await this.fs.list(this.directory)) {
      if (SEGMENT_NAME.test(name) || isOfFold(name)) await this.fs.remove(`${this.directory}/${name}`);
    }
    await this.#save({ session, modelId, segments: null });
  }

  /** Keeps a proof. */
  async segment(index: number, proof: Uint8Array): Promise<void> {
    await this.fs.write(`${this.directory}/${segmentName(index)}`, proof);
  }

  /** Notes how many segments the run has, so that a missing last one is missed. */
  async finish(segments: number): Promise<void> {
    if (!this.#file) throw new Error("session store: expected begin() before finish()");
    await this.#save({ ...this.#file, segments });
  }

  async #save(file: SessionFile): Promise<void> {
    this.#file = file;
    const text = formatSession(file, this.profiles);
    await this.fs.write(`${this.directory}/${SESSION_NAME}`, new TextEncoder().encode(text));
  }
}

/** Whether a file is folding's. */
export function isOfFold(name: string): boolean {
  return STEP_NAME.test(name) || name === FOLD_NAME || name === FINAL_NAME;
}

/** The first `most` bytes of a file. @throws InputError if there is none to read */
export async function readNamed(
  fs: FileSystem,
  directory: string,
  name: string,
  most: number,
): Promise<Uint8Array> {
  try {
    return await fs.read(`${directory}/${name}`, most);
  } catch (error) {
    throw new InputError(`${directory}/${name}: expected a readable file, found: ${messageOf(error)}`);
  }
}

/** A text file. @throws InputError if it is longer, or there is none to read */
export async function readText(
  fs: FileSystem,
  directory: string,
  name: string,
  most: number,
): Promise<string> {
  const bytes = await readNamed(fs, directory, name, most + 1);
  if (bytes.length > most) throw new InputError(`${name}: expected at most ${most} bytes, found more`);
  return new TextDecoder().decode(bytes);
}

/** `session.json` alone. @throws InputError if it cannot be read */
export async function readSessionFile(
  fs: FileSystem,
  directory: string,
  profiles: readonly Profile[] = SESSION_PROFILES,
): Promise<SessionFile> {
  return parseSession(await readText(fs, directory, SESSION_NAME, MAX_SESSION_BYTES), profiles);
}

/** What a directory has of a session. @throws InputError if there is no readable session */
export async function readSession(
  fs: FileSystem,
  directory: string,
  profiles: readonly Profile[] = SESSION_PROFILES,
): Promise<StoredSession> {
  const file = await readSessionFile(fs, directory, profiles);
  const indices = (await fs.list(directory))
    .map((name) => SEGMENT_NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  if (indices.length === 0) throw new InputError(`${directory}: expected ${segmentName(0)}, found no proof`);
  const most = 2 ** (Math.log2(file.session.description.config.capacity) - file.session.logSegment);
  if (indices.length > most)
    throw new InputError(`${directory}: expected at most ${most} proofs, found ${indices.length}`);
  const proofs: Uint8Array[] = [];
  for (const index of indices)
    proofs.push(await readNamed(fs, directory, segmentName(index), MAX_PROOF_BYTES));
  return { ...file, indices, proofs };
}

/**
 * Numbers of segments in, their proofs out: these wait in the directory until they are asked for, so that
 * `foldRun` can be told of every segment as it is written and none is held in memory.
 */
export function storedProofs(fs: FileSystem, directory: string): TransformStream<number, Uint8Array> {
  return new TransformStream({
    transform: async (index, controller) =>
      controller.enqueue(await readNamed(fs, directory, segmentName(index), MAX_PROOF_BYTES)),
  });
}

/** What the proofs' names say by themselves: the first segment that is missing or too many, or null. */
export function checkNames({ indices, segments }: StoredSession): { segment: number; detail: string } | null {
  const gap = indices.findIndex((index, i) => index !== i);
  if (gap >= 0)
    return {
      segment: gap,
      detail: `expected ${segmentName(gap)}, found ${segmentName(indices[gap] as number)}`,
    };
  const found = indices.length;
  if (segments === null || found === segments) return null;
  return { segment: Math.min(found, segments), detail: `expected ${segments} proofs, found ${found}` };
}
