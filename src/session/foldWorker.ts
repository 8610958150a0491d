/**
 * The thread that folds: `workerFold.ts` starts it and talks to it. It yields to decode and segment proofs.
 *
 * @module
 */
import { collectGarbage } from "./adapters/collectGarbage.ts";
import { lowerPriority } from "./adapters/lowerPriority.ts";
import type { FoldReply, FoldRequest } from "./foldMessages.ts";
import { type ByteFold, createByteFold } from "./inlineFold.ts";
import { messageOf } from "./inputError.ts";
import type { FailedReply } from "./workerCalls.ts";

let fold: ByteFold | undefined;

async function answer(request: FoldRequest): Promise<FoldReply | FailedReply> {
  if (request.kind === "create") {
    await lowerPriority();
    fold = createByteFold(request.session, request.profile, request.places);
    return { kind: "created", key: fold.key };
  }
  if (!fold) return { kind: "failed", message: "expected a session before the first step, found none" };
  const { terms, segments, previous } = request;
  return { kind: "folded", proof: fold.step(terms, segments, previous) };
}

self.onmessage = async ({ data }: MessageEvent<FoldRequest>) => {
  let reply: FoldReply | FailedReply;
  try {
    reply = await answer(data);
  } catch (error) {
    reply = { kind: "failed", message: messageOf(error) };
  }
  self.postMessage(reply);
  collectGarbage();
};
