import type { Session } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { FileSystem } from "./adapters/fileSystem.ts";
import type { FoldRunEvent } from "./events.ts";
import { foldRun } from "./foldRun.ts";
import { FoldWriter, readSteps } from "./foldStore.ts";
import type { OpenFold } from "./sessionFold.ts";
import { storedProofs } from "./store.ts";

/** Whose segments are folded, and where they lie. */
export interface FoldingOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly session: Session;
  /** Of the steps' proofs; the default profile if left out. */
  readonly profile?: Profile;
  /** Segments that a step joins, 1 to 4; 1 if left out. */
  readonly places?: number;
  /** Another prover than one of its own. */
  readonly openFold?: OpenFold;
}

/** Folds a directory's segments in the background: a step is made as soon as its segments are there and the step before it is made. */
export class Folding {
  readonly #segments: WritableStreamDefaultWriter<number>;
  readonly #events: ReadableStreamDefaultReader<FoldRunEvent>;
  readonly #finished: Promise<void>;

  private constructor(
    segments: WritableStream<number>,
    events: ReadableStream<FoldRunEvent>,
    show: (event: FoldRunEvent) => Promise<void>,
  ) {
    this.#segments = segments.getWriter();
    this.#events = events.getReader();
    this.#finished = this.#pump(show);
    this.#finished.catch(() => {}); // `finish` tells of it
  }

  /** Goes on from the steps that the directory has; keeps every step as it is made, then shows it. */
  static async start(options: FoldingOptions, show: (event: FoldRunEvent) => void): Promise<Folding> {
    const { fs, directory, ...run } = options;
    const steps = await readSteps(fs, directory);
    const { readable, writable } = storedProofs(fs, directory);
    const writer = new FoldWriter(fs, directory, run.profile);
    return new Folding(writable, foldRun({ ...run, segments: readable, steps }), async (event) => {
      await writer.write(event);
      show(event);
    });
  }

  /** The next segment is in the directory. */
  add(index: number): void {
    this.#segments.write(index).catch(() => {});
  }

  /** No further segment comes: waits for the final proof. */
  async finish(): Promise<void> {
    this.#segments.close().catch(() => {});
    await this.#finished;
  }

  /** Ends the step in hand; those before it stay. */
  async cancel(): Promise<void> {
    await this.#events.cancel();
  }

  async #pump(show: (event: FoldRunEvent) => Promise<void>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#events.read();
        if (done) return;
        await show(value);
      }
    } catch (error) {
      await this.cancel().catch(() => {});
      throw error;
    }
  }
}
