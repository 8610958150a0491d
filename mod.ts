/**
 * starkstream: proves a transformer's decode while it runs, segment by segment.
 *
 * `runSession` decodes and proves; `verifyChain` verifies, with neither weights nor prover. Who only
 * verifies imports `starkstream/verify`, which runs in a browser and in Deno without permissions.
 *
 * @example
 * ```ts
 * import { embeddedModel, runSession, verifyChain } from "starkstream";
 *
 * const { model, tokenizer } = await embeddedModel();
 * const proofs: Uint8Array[] = [];
 * for await (const event of runSession({ model, tokenizer, prompt: "Once upon a time", tokens: 48 })) {
 *   if (event.type === "segment") proofs.push(event.proof);
 *   if (event.type === "start") session = event.session;
 * }
 * console.log(verifyChain(session, proofs));
 * ```
 *
 * @module
 */

export { type SegmentRows, SegmentRecorder } from "./src/decode/recorder.ts";
export { createKernels } from "./src/kernels/createKernels.ts";
export type { ModelConfig } from "./src/model/config.ts";
export { Decoder } from "./src/model/decoder.ts";
export { embeddedModel } from "./src/model/embeddedModel.ts";
export type { IntegerModel } from "./src/model/integerModel.ts";
export { Tokenizer } from "./src/model/tokenizer.ts";
export { SegmentProver, type SegmentResult } from "./src/segment/prover.ts";
export { securityReport } from "./src/segment/security.ts";
export type { Boundary, SegmentStatement, Session } from "./src/segment/statement.ts";
export {
  type ChainVerdict,
  modelIdOf,
  type SegmentVerdict,
  verifyChain,
  verifySegment,
} from "./src/segment/verify.ts";
export type { FileSystem } from "./src/session/adapters/fileSystem.ts";
export type { DoneEvent, SegmentEvent, SessionEvent, StartEvent, TokenEvent } from "./src/session/events.ts";
export { InputError } from "./src/session/inputError.ts";
export { type LoadedModel, loadModel } from "./src/session/loadModel.ts";
export { runSession, type SessionOptions } from "./src/session/runSession.ts";
export { formatSession, parseSession, type SessionFile } from "./src/session/sessionFile.ts";
export { readSession, SessionWriter, type StoredSession } from "./src/session/store.ts";
export { DEFAULT_PROFILE, type Profile } from "./src/whir/profile.ts";
