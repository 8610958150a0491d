import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { Frontier } from "../segment/frontier.ts";
import type { RunTerms } from "../segment/statement.ts";
import type { ProverReply, ProverRequest } from "./proverMessages.ts";
import type { ModelProver, ProverOptions, SessionProver } from "./sessionProver.ts";
import { type WorkerCalls, workerCalls } from "./workerCalls.ts";

type Ask = WorkerCalls<ProverRequest, ProverReply>["ask"];

/** The prover in a thread of its own (a module worker, as Bun, Deno and browsers have it). */
export async function openWorkerProver(model: IntegerModel, options: ProverOptions): Promise<ModelProver> {
  const worker = new Worker(new URL("./proverWorker.ts", import.meta.url), { type: "module" });
  const { ask, close } = workerCalls<ProverRequest, ProverReply>(worker, "the prover");
  const { session } = await ask({ kind: "create", model, options }, "created").catch((error: unknown) => {
    close();
    throw error;
  });
  return { session, begin: (terms) => beginRun(ask, terms), close };
}

/** The thread is told each time where the run stands. */
function beginRun(ask: Ask, terms: RunTerms): SessionProver {
  let frontier: Frontier | null = null;
  let order: Promise<unknown> = Promise.resolve();
  const inTurn = <Reply extends { readonly frontier: Frontier }>(work: () => Promise<Reply>) => {
    const reply = order.then(work);
    // a segment that failed leaves the run where it was
    order = reply.then(
      (done) => {
        frontier = done.frontier;
      },
      () => {},
    );
    return reply;
  };
  return {
    prove: async (rows) => {
      const proven = await inTurn(() =>
        ask({ kind: "prove", terms, frontier, rows }, "proven", buffersOf(rows)),
      );
      return proven.result;
    },
    skip: async (rows) => {
      await inTurn(() => ask({ kind: "skip", terms, frontier, rows }, "skipped", buffersOf(rows)));
    },
  };
}

/** The recorder has let go of them, so they need no copy. */
function buffersOf({ events }: SegmentRows): ArrayBuffer[] {
  return Object.values(events).map((values) => values.buffer as ArrayBuffer);
}
