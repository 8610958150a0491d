/**
 * starkstream: proves a transformer's decode while it runs, segment by segment.
 *
 * `runSession` decodes and proves; `verifyChain` verifies, with neither weights nor prover. `foldRun` folds
 * a run's segments into one final proof, which `verifyFinal` verifies alone. Who only verifies imports
 * `starkstream/verify` or `starkstream/final`, which run in a browser and in Deno without permissions.
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

export type { Ext } from "./src/field/ext.ts";
export type { CircuitSizes } from "./src/fold/circuit/sizes.ts";
export { type FoldKey, foldId } from "./src/fold/foldKey.ts";
export { decodeFoldProof, encodeFoldProof, type FoldProof } from "./src/fold/format.ts";
export { foldSecurityReport } from "./src/fold/security.ts";
export { type FinalStatement, type FinalVerdict, verifyFinal } from "./src/fold/verify.ts";
export type { ModelConfig } from "./src/model/config.ts";
export { embeddedModel } from "./src/model/embeddedModel.ts";
export type { IntegerModel } from "./src/model/integerModel.ts";
export type { Tokenizer } from "./src/model/tokenizer.ts";
export type { Sampler, SamplerSettings } from "./src/model/sampler.ts";
export { securityReport } from "./src/segment/security.ts";
export type {
  Boundary,
  Commitment,
  ModelSession,
  RunTerms,
  SegmentStatement,
  Session,
} from "./src/segment/statement.ts";
export {
  type ChainVerdict,
  modelIdOf,
  type SegmentVerdict,
  verifyChain,
  verifySegment,
} from "./src/segment/verify.ts";
export type { FileSystem } from "./src/session/adapters/fileSystem.ts";
export type {
  DoneEvent,
  FinalEvent,
  FoldEvent,
  FoldingEvent,
  FoldRunEvent,
  SegmentEvent,
  SessionEvent,
  StartEvent,
  TokenEvent,
} from "./src/session/events.ts";
export { type FoldFile, formatFold, parseFold } from "./src/session/foldFile.ts";
export { type FoldOptions, foldRun } from "./src/session/foldRun.ts";
export { FoldWriter, readFold, readSteps, type StoredFold } from "./src/session/foldStore.ts";
export { InputError } from "./src/session/inputError.ts";
export { type LoadedModel, loadModel } from "./src/session/loadModel.ts";
export type { RunRequest, SamplingRequest } from "./src/session/planSession.ts";
export { runSession, type SessionOptions } from "./src/session/runSession.ts";
export { formatSession, parseSession, type SessionFile } from "./src/session/sessionFile.ts";
export {
  readSession,
  readSessionFile,
  SessionWriter,
  storedProofs,
  type StoredSession,
} from "./src/session/store.ts";
export { DEFAULT_PROFILE, FOLD_PROFILE, type Profile } from "./src/whir/profile.ts";
