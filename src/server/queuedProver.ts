import type { OpenProver } from "../session/sessionProver.ts";
import type { FairQueue } from "./fairQueue.ts";
import type { Metrics } from "./metrics.ts";

/** A session's prover that works only when the queue says so. */
export function queuedProver(
  open: OpenProver,
  queue: FairQueue,
  owner: string,
  metrics: Metrics,
): OpenProver {
  const timed = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    const start = performance.now();
    try {
      return await task();
    } finally {
      metrics.add("proving_seconds", (performance.now() - start) / 1000);
    }
  };
  return async (model, options) => {
    const prover = await queue.run(owner, () => timed(() => open(model, options)));
    return {
      session: prover.session,
      prove: (rows) => queue.run(owner, () => timed(() => prover.prove(rows))),
      close: () => {
        queue.drop(owner);
        prover.close();
      },
    };
  };
}
