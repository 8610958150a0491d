import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { ProverReply, ProverRequest } from "./proverMessages.ts";
import type { ProverOptions, SessionProver } from "./sessionProver.ts";
import { workerCalls } from "./workerCalls.ts";

/** The prover in a thread of its own (a module worker, as Bun, Deno and browsers have it). */
export async function openWorkerProver(model: IntegerModel, options: ProverOptions): Promise<SessionProver> {
  const worker = new Worker(new URL("./proverWorker.ts", import.meta.url), { type: "module" });
  const { ask, close } = workerCalls<ProverRequest, ProverReply>(worker, "the prover");
  const { session } = await ask({ kind: "create", model, options }, "created").catch((error: unknown) => {
    close();
    throw error;
  });
  return {
    session,
    prove: async (rows: SegmentRows): Promise<SegmentResult> => {
      // the recorder has let go of them, so they need no copy
      const buffers = Object.values(rows.events).map((values) => values.buffer as ArrayBuffer);
      return (await ask({ kind: "prove", rows }, "proven", buffers)).result;
    },
    close,
  };
}
