import type { ModelSession } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { FoldReply, FoldRequest } from "./foldMessages.ts";
import type { SessionFold } from "./sessionFold.ts";
import { workerCalls } from "./workerCalls.ts";

/** Folding in a thread of its own, whose memory is freed with it. */
export async function openWorkerFold(
  session: ModelSession,
  profile: Profile,
  places: number,
): Promise<SessionFold> {
  const worker = new Worker(new URL("./foldWorker.ts", import.meta.url), { type: "module" });
  const { ask, close } = workerCalls<FoldRequest, FoldReply>(worker, "the folding prover");
  const { key } = await ask({ kind: "create", session, profile, places }, "created").catch(
    (error: unknown) => {
      close();
      throw error;
    },
  );
  return {
    key,
    step: async (terms, segments, previous) =>
      (await ask({ kind: "step", terms, segments, previous }, "folded")).proof,
    close,
  };
}
