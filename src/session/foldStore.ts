import { FOLD_PROFILE, type Profile } from "../whir/profile.ts";
import type { FileSystem } from "./adapters/fileSystem.ts";
import type { FoldRunEvent } from "./events.ts";
import { type FoldFile, formatFold, parseFold } from "./foldFile.ts";
import { FINAL_NAME, FOLD_NAME, isOfFold, MAX_PROOF_BYTES, readNamed, readText, STEP_NAME } from "./store.ts";

const MAX_FOLD_BYTES = 2 ** 24;

export function stepName(index: number): string {
  return `fold-${String(index).padStart(4, "0")}.proof`;
}

/** The final proof as it lies in a directory. */
export interface StoredFold extends FoldFile {
  /** The final proof. */
  readonly proof: Uint8Array;
}

/**
 * Writes what is folded into a session's directory: every step until the next one is there, then `fold.json`
 * and the last one as `final.proof`. Whatever it breaks off at, a step that was made is there to go on from.
 */
export class FoldWriter {
  /** Writes into a directory that is there. */
  constructor(
    readonly fs: FileSystem,
    readonly directory: string,
    readonly profile: Profile = FOLD_PROFILE,
  ) {}

  /** Keeps what an event brings. */
  async write(event: FoldRunEvent): Promise<void> {
    if (event.type === "fold") {
      await this.#save(stepName(event.index), event.proof);
      await this.#removeOthers([stepName(event.index)]);
    } else if (event.type === "final") {
      const { foldId, key, consumed: tokens, proof } = event;
      const text = formatFold({ foldId, profile: this.profile, key, tokens }, [this.profile]);
      await this.#save(FOLD_NAME, new TextEncoder().encode(text));
      await this.#save(FINAL_NAME, proof);
      await this.#removeOthers([FOLD_NAME, FINAL_NAME]);
    }
  }

  /** Removes the other files of folding: steps before, and what is of another circuit or an unfinished run. */
  async #removeOthers(kept: readonly string[]): Promise<void> {
    for (const name of await this.fs.list(this.directory))
      if (isOfFold(name) && !kept.includes(name)) await this.fs.remove(`${this.directory}/${name}`);
  }

  #save(name: string, bytes: Uint8Array): Promise<void> {
    return this.fs.write(`${this.directory}/${name}`, bytes);
  }
}

/** What earlier folding left: steps and final proofs, unverified. */
export async function readSteps(fs: FileSystem, directory: string): Promise<Uint8Array[]> {
  const names = (await fs.list(directory)).filter((name) => STEP_NAME.test(name) || name === FINAL_NAME);
  // there are two at most, unless someone put more there
  const newest = names.sort().slice(-4);
  return await Promise.all(newest.map((name) => readNamed(fs, directory, name, MAX_PROOF_BYTES)));
}

/** Whether there is a final proof. */
export async function hasFinal(fs: FileSystem, directory: string): Promise<boolean> {
  return (await fs.list(directory)).includes(FINAL_NAME);
}

/** What a directory has of a finished fold. @throws InputError if there is no readable final proof */
export async function readFold(
  fs: FileSystem,
  directory: string,
  profiles: readonly Profile[] = [FOLD_PROFILE],
): Promise<StoredFold> {
  const proof = await readNamed(fs, directory, FINAL_NAME, MAX_PROOF_BYTES);
  const file = parseFold(await readText(fs, directory, FOLD_NAME, MAX_FOLD_BYTES), profiles);
  return { ...file, proof };
}
