/**
 * The thread that proves: `workerProver.ts` starts it and talks to it.
 *
 * @module
 */
import { SegmentProver } from "../segment/prover.ts";
import { messageOf } from "./inputError.ts";
import type { ProverReply, ProverRequest } from "./proverMessages.ts";
import type { FailedReply } from "./workerCalls.ts";

let prover: SegmentProver | undefined;

function answer(request: ProverRequest): ProverReply | FailedReply {
  if (request.kind === "create") {
    prover = SegmentProver.create(request.model, request.options);
    return { kind: "created", session: prover.session };
  }
  if (!prover) return { kind: "failed", message: "expected a model before the first segment, found none" };
  return { kind: "proven", result: prover.prove(request.rows) };
}

self.onmessage = ({ data }: MessageEvent<ProverRequest>) => {
  let reply: ProverReply | FailedReply;
  try {
    reply = answer(data);
  } catch (error) {
    reply = { kind: "failed", message: messageOf(error) };
  }
  self.postMessage(reply);
};
