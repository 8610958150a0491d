import type { IntegerModel } from "../model/integerModel.ts";
import type { ModelProver, OpenProver, ProverOptions } from "../session/sessionProver.ts";
import type { FairQueue } from "./fairQueue.ts";
import type { Metrics } from "./metrics.ts";

/** One prover, and the sessions that use it. */
interface Shared {
  readonly opened: Promise<ModelProver>;
  users: number;
  /** Its thread failed, or it had to make room: who comes next gets another. */
  retired: boolean;
}

/**
 * The provers that all sessions share: one for each number of rows, so the weights are committed once and not
 * once a session. One of them works at a time, when the queue says so. Those that nobody uses are kept as long
 * as there are no more than `most`.
 */
export class Provers {
  /** By log2 of the rows; the one that was asked for longest ago is the first. */
  readonly #shared = new Map<number, Shared>();

  constructor(
    readonly openProver: OpenProver,
    readonly most: number,
    readonly queue: FairQueue,
    readonly metrics: Metrics,
  ) {}

  /** The shared provers as one session sees them. */
  of(owner: string): OpenProver {
    return async (model, options) => {
      const shared = this.#ask(model, options);
      const closed = Promise.withResolvers<never>();
      closed.promise.catch(() => {}); // mostly nobody waits
      const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> =>
        Promise.race([closed.promise, this.queue.run(owner, () => this.#timed(work))]);
      let open = true;
      const close = () => {
        if (!open) return;
        open = false;
        closed.reject(new Error("the prover was closed"));
        this.queue.drop(owner);
        shared.users--;
        this.#closeIfRetired(shared);
      };
      try {
        const prover = await shared.opened;
        return {
          session: prover.session,
          begin: (terms) => {
            const run = prover.begin(terms);
            const failed = (error: unknown) => {
              if (open) this.#retire(options.logSegment, shared);
              throw error;
            };
            return {
              prove: (rows) => inTurn(() => run.prove(rows)).catch(failed),
              skip: (rows) => inTurn(() => run.skip(rows)).catch(failed),
            };
          },
          close,
        };
      } catch (error) {
        this.#retire(options.logSegment, shared);
        close();
        throw error;
      }
    };
  }

  /** Closes those that are not in use. */
  close(): void {
    for (const [log, shared] of [...this.#shared]) this.#retire(log, shared);
  }

  #ask(model: IntegerModel, options: ProverOptions): Shared {
    const { logSegment } = options;
    const shared = this.#shared.get(logSegment) ?? {
      // by an owner of its own: others wait for it, too
      opened: this.queue.run(`prover ${logSegment}`, () =>
        this.#timed(() => this.openProver(model, options)),
      ),
      users: 0,
      retired: false,
    };
    shared.users++;
    this.#shared.delete(logSegment);
    this.#shared.set(logSegment, shared);
    for (const [log, other] of [...this.#shared])
      if (this.#shared.size > this.most && other.users === 0) this.#retire(log, other);
    return shared;
  }

  #retire(log: number, shared: Shared): void {
    if (this.#shared.get(log) === shared) this.#shared.delete(log);
    shared.retired = true;
    this.#closeIfRetired(shared);
  }

  #closeIfRetired({ retired, users, opened }: Shared): void {
    if (!retired || users > 0) return;
    opened.then(
      (prover) => prover.close(),
      () => {},
    );
  }

  async #timed<Result>(work: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.metrics.add("proving_seconds", (performance.now() - start) / 1000);
    }
  }
}
