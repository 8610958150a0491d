import type { WorkerReply, WorkerTasks } from "./workerMessages.ts";

/** A verdict, and how long the verifier took. */
export interface Timed<Verdict> {
  readonly verdict: Verdict;
  readonly ms: number;
}

/** Asks the verifier's thread. */
export class WorkerVerifier {
  readonly #worker = new Worker("verify.js", { type: "module" });
  readonly #waiting = new Map<
    number,
    { resolve: (reply: WorkerReply) => void; reject: (error: Error) => void }
  >();
  #next = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      this.#waiting.get(data.id)?.resolve(data);
      this.#waiting.delete(data.id);
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the verifier's thread failed"));
      this.#waiting.clear();
    };
  }

  async ask<Kind extends keyof WorkerTasks>(
    kind: Kind,
    request: WorkerTasks[Kind]["request"],
  ): Promise<Timed<WorkerTasks[Kind]["verdict"]>> {
    const id = this.#next++;
    const { verdict, ms } = await new Promise<WorkerReply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, kind, ...request });
    });
    return { verdict, ms };
  }
}
