/**
 * Verifies in a thread of the browser: the whole verifier and nothing else.
 *
 * @module
 */
import { verifyChain, verifySegment } from "../../segment/verify.ts";
import { messageOf } from "../../session/inputError.ts";
import { parseSession } from "../../session/sessionFile.ts";
import type { WorkerReply, WorkerRequest } from "./workerMessages.ts";

function answer(request: WorkerRequest): WorkerReply["verdict"] {
  if (request.kind === "segment") return verifySegment(request.session, request.proof, request.incoming);
  try {
    const { session, modelId } = parseSession(request.file);
    return verifyChain(session, request.proofs, modelId);
  } catch (error) {
    return { ok: false, check: "session.json", detail: messageOf(error) };
  }
}

self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  const start = performance.now();
  const verdict = answer(data);
  const reply: WorkerReply = { id: data.id, verdict, ms: performance.now() - start };
  self.postMessage(reply);
};
