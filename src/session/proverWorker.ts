/**
 * The thread that proves: `workerProver.ts` starts it and talks to it.
 *
 * @module
 */
import { availableThreads } from "../kernels/createKernels.ts";
import { SegmentProver } from "../segment/prover.ts";
import { createProvingKey, type ProvingKey } from "../segment/provingKey.ts";
import { profileFor } from "../segment/profileFor.ts";
import { fileBytes } from "./adapters/fileBytes.ts";
import { messageOf } from "./inputError.ts";
import type { ProverReply, ProverRequest } from "./proverMessages.ts";
import type { FailedReply } from "./workerCalls.ts";

let key: ProvingKey | undefined;

function answer(request: ProverRequest): ProverReply | FailedReply {
  if (request.kind === "create") {
    const { logSegment, profile = profileFor(request.model), sampler, commitment } = request.options;
    const kept = commitment === undefined ? undefined : fileBytes(commitment);
    const options = { threads: availableThreads(), sampler, kept };
    key = createProvingKey(request.model, profile, logSegment, options);
    return { kind: "created", session: key.session };
  }
  if (!key) return { kind: "failed", message: "expected a model before the first segment, found none" };
  const { terms, frontier, rows } = request;
  const prover = new SegmentProver(key, terms, frontier ?? undefined);
  if (request.kind === "prove") {
    const result = prover.prove(rows);
    return { kind: "proven", result, frontier: prover.frontier };
  }
  prover.skip(rows);
  return { kind: "skipped", frontier: prover.frontier };
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
