/**
 * Verifies in a thread of the browser: the whole verifier and nothing else.
 *
 * @module
 */
import { foldId } from "../../fold/foldKey.ts";
import { type FinalVerdict, verifyFinal } from "../../fold/verify.ts";
import { type ChainVerdict, verifyChain, verifySegment } from "../../segment/verify.ts";
import { parseFold } from "../../session/foldFile.ts";
import { hexOfWords } from "../../session/hex.ts";
import { messageOf } from "../../session/inputError.ts";
import { parseSession } from "../../session/sessionFile.ts";
import type { WorkerReply, WorkerRequest } from "./workerMessages.ts";

function answer(request: WorkerRequest): WorkerReply["verdict"] {
  if (request.kind === "segment") return verifySegment(request.session, request.proof, request.incoming);
  if (request.kind === "final") return verifyFinal(request.statement, request.proof);
  return request.kind === "chain" ? chain(request.file, request.proofs) : keptFinal(request);
}

function chain(file: string, proofs: readonly Uint8Array[]): ChainVerdict {
  try {
    const { session, modelId } = parseSession(file);
    return verifyChain(session, proofs, modelId);
  } catch (error) {
    return { ok: false, segment: null, check: "session.json", detail: messageOf(error) };
  }
}

function keptFinal({
  file,
  fold,
  proof,
}: Extract<WorkerRequest, { readonly kind: "keptFinal" }>): FinalVerdict {
  try {
    const { session } = parseSession(file);
    const { foldId: named, ...stated } = parseFold(fold);
    const verdict = verifyFinal({ session, ...stated }, proof);
    const found = verdict.ok ? hexOfWords(foldId(session, stated.profile, stated.key)) : named;
    return found === named
      ? verdict
      : { ok: false, check: "fold id", detail: `expected ${named}, found ${found}` };
  } catch (error) {
    return { ok: false, check: "files", detail: messageOf(error) };
  }
}

self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  const start = performance.now();
  const verdict = answer(data);
  const reply: WorkerReply = { id: data.id, verdict, ms: performance.now() - start };
  self.postMessage(reply);
};
