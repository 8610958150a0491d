import type { Boundary, Session } from "../../segment/statement.ts";
import type { ChainVerdict, SegmentVerdict } from "../../segment/verify.ts";
import type { WorkerReply, WorkerRequest } from "./workerMessages.ts";

/** A request before it has its number. */
type Unsent = WorkerRequest extends infer Each
  ? Each extends WorkerRequest
    ? Omit<Each, "id">
    : never
  : never;

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

  async segment(session: Session, proof: Uint8Array, incoming?: Boundary) {
    const { verdict, ms } = await this.#ask({ kind: "segment", session, proof, incoming });
    return { verdict: verdict as SegmentVerdict, ms };
  }

  async chain(file: string, proofs: readonly Uint8Array[]) {
    const { verdict, ms } = await this.#ask({ kind: "chain", file, proofs });
    return { verdict: verdict as ChainVerdict, ms };
  }

  #ask(request: Unsent): Promise<WorkerReply> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }
}
