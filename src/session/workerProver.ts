import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { ProverReply, ProverRequest } from "./proverMessages.ts";
import type { ProverOptions, SessionProver } from "./sessionProver.ts";

interface Waiting {
  readonly resolve: (reply: ProverReply) => void;
  readonly reject: (error: Error) => void;
}

/** The prover in a thread of its own (a module worker, as Bun, Deno and browsers have it). */
export async function openWorkerProver(model: IntegerModel, options: ProverOptions): Promise<SessionProver> {
  const worker = new Worker(new URL("./proverWorker.ts", import.meta.url), { type: "module" });
  const waiting: Waiting[] = []; // replies come in the order of requests
  let failure: Error | undefined;

  const fail = (error: Error) => {
    failure ??= error;
    worker.terminate();
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.onmessage = ({ data }: MessageEvent<ProverReply>) => waiting.shift()?.resolve(data);
  worker.onmessageerror = () =>
    fail(new Error("the prover's thread: expected a message, found an unreadable one"));
  worker.onerror = (event) => {
    event.preventDefault();
    fail(new Error(`the prover's thread ended: ${event.message || "unknown error"}`));
  };
  // Bun tells of a thread that exits by itself
  worker.addEventListener("close", () =>
    fail(new Error("the prover's thread ended: expected a reply, found none")),
  );

  const ask = async (request: ProverRequest, transfer: Transferable[] = []): Promise<ProverReply> => {
    if (failure) throw failure;
    const reply = await new Promise<ProverReply>((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(request, transfer);
    });
    if (reply.kind === "failed") throw new Error(reply.message);
    return reply;
  };

  const created = await ask({ kind: "create", model, options }).catch((error: unknown) => {
    worker.terminate();
    throw error;
  });
  if (created.kind !== "created")
    throw new Error(`the prover's thread: expected "created", found "${created.kind}"`);
  return {
    session: created.session,
    prove: async (rows: SegmentRows): Promise<SegmentResult> => {
      // the recorder has let go of them, so they need no copy
      const buffers = Object.values(rows.events).map((values) => values.buffer as ArrayBuffer);
      const reply = await ask({ kind: "prove", rows }, buffers);
      if (reply.kind !== "proven")
        throw new Error(`the prover's thread: expected "proven", found "${reply.kind}"`);
      return reply.result;
    },
    close: () => fail(new Error("the prover was closed")),
  };
}
