import type { ModelSession } from "../segment/statement.ts";
import type { OpenFold, SessionFold } from "../session/sessionFold.ts";
import type { Profile } from "../whir/profile.ts";
import { FairQueue } from "./fairQueue.ts";
import type { Metrics } from "./metrics.ts";

/**
 * The folding prover that all sessions share. There is one, for one number of rows and of places at a time, as it
 * holds gigabytes: whoever has others replaces it. Sessions take turns, one step at a time; when nobody folds,
 * its memory is given back.
 */
export class Folds {
  readonly queue: FairQueue = new FairQueue();
  #held: { readonly shape: string; readonly fold: SessionFold } | undefined;
  #users = 0;

  constructor(
    readonly openFold: OpenFold,
    readonly metrics: Metrics,
  ) {}

  /** The folding prover as one session sees it. */
  of(owner: string): OpenFold {
    return async (session, profile, places) => {
      const closed = Promise.withResolvers<never>();
      closed.promise.catch(() => {}); // mostly nobody waits
      const inTurn = <Result>(work: (fold: SessionFold) => Promise<Result>): Promise<Result> =>
        Promise.race([
          closed.promise,
          this.queue.run(owner, () => this.#work(() => this.#take(session, profile, places), work)),
        ]);
      let open = true;
      this.#users++;
      const close = () => {
        if (!open) return;
        open = false;
        closed.reject(new Error("the folding prover was closed"));
        this.queue.drop(owner);
        if (--this.#users === 0) this.close();
      };
      try {
        const key = await inTurn(async (fold) => fold.key);
        return { key, step: (...args) => inTurn((fold) => fold.step(...args)), close };
      } catch (error) {
        close();
        throw error;
      }
    };
  }

  /** Ends the step in hand. */
  close(): void {
    this.#held?.fold.close();
    this.#held = undefined;
  }

  /** The prover that is held, or another in its place. */
  async #take(session: ModelSession, profile: Profile, places: number): Promise<SessionFold> {
    const shape = `${session.logSegment} ${places}`;
    if (this.#held?.shape !== shape) {
      this.close();
      this.#held = { shape, fold: await this.openFold(session, profile, places) };
    }
    return this.#held.fold;
  }

  async #work<Result>(
    take: () => Promise<SessionFold>,
    work: (fold: SessionFold) => Promise<Result>,
  ): Promise<Result> {
    const start = performance.now();
    try {
      return await work(await take());
    } catch (error) {
      this.close(); // its thread may have failed: who comes next gets another
      throw error;
    } finally {
      this.metrics.add("folding_seconds", (performance.now() - start) / 1000);
    }
  }
}
