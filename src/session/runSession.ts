import { tokenSampler } from "../decode/draw.ts";
import { SegmentRecorder, type SegmentRows } from "../decode/recorder.ts";
import { createKernels } from "../kernels/createKernels.ts";
import { Decoder } from "../model/decoder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { Sampler } from "../model/sampler.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import type { SegmentResult } from "../segment/prover.ts";
import { securityReport } from "../segment/security.ts";
import { sessionOf } from "../segment/statement.ts";
import { modelIdOf } from "../segment/verify.ts";
import type { Profile } from "../whir/profile.ts";
import { decodeSteps } from "./decodeSteps.ts";
import type { SegmentEvent, SessionEvent } from "./events.ts";
import { eventStream } from "./eventStream.ts";
import { openInlineProver } from "./inlineProver.ts";
import { messageOf } from "./inputError.ts";
import { overlap } from "./overlap.ts";
import {
  DEFAULT_REQUEST,
  planSampler,
  planSession,
  type RunRequest,
  type SessionPlan,
} from "./planSession.ts";
import type { ModelProver, OpenProver, SessionProver } from "./sessionProver.ts";
import { openWorkerProver } from "./workerProver.ts";

/** What to decode and prove, and how. */
export interface SessionOptions extends Partial<RunRequest> {
  /** The model, with its weights. */
  readonly model: IntegerModel;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** The default profile if left out; anything else is for tests. */
  readonly profile?: Profile;
  /** Proves in this thread, as it happens anyway where there are no workers. */
  readonly inline?: boolean;
  /** Segments that were proven before: they are decoded, not proven again, and have no event. 0 by default. */
  readonly proven?: number;
  /** Segments with the prover at a time, at most; decode waits beyond that. 2 by default. */
  readonly maxInFlight?: number;
  /** Another prover, for tests. */
  readonly openProver?: OpenProver;
}

/**
 * Decodes, and proves every segment as soon as it fills. The stream is pulled: what is not read is not
 * decoded; cancelling it stops decode and prover. It fails with the first error, after the events of
 * all segments that were proven before it.
 *
 * @throws InputError at once, if the request cannot be fulfilled
 *
 * @example
 * ```ts
 * const { model, tokenizer } = await embeddedModel();
 * for await (const event of runSession({ model, tokenizer, prompt: "Once upon a time", tokens: 48 })) {
 *   if (event.type === "token") console.log(event.text);
 *   if (event.type === "segment") console.log(event.index, event.proof.length);
 * }
 * ```
 */
export function runSession(options: SessionOptions): ReadableStream<SessionEvent> {
  const { prompt, tokens, segment } = { ...DEFAULT_REQUEST, ...withoutUndefined(options) };
  const plan = planSession(options.model.config, options.tokenizer, { prompt, tokens, segment });
  const sampler = options.sampling && planSampler(options.model, options.sampling);
  return eventStream((signal) => sessionEvents(options, plan, sampler, signal));
}

async function* sessionEvents(
  options: SessionOptions,
  plan: SessionPlan,
  sampler: Sampler | undefined,
  signal: AbortSignal,
): AsyncGenerator<SessionEvent, void, void> {
  const { model, tokenizer } = options;
  const { promptTokens, logSegment } = plan;
  const prover = await open(options, plan, sampler);
  signal.addEventListener("abort", () => prover.close()); // ends the step that is waited for
  try {
    if (signal.aborted) return;
    const terms = { promptLength: promptTokens.length, seed: sampler?.seed };
    const session = sessionOf(prover.session, terms);
    const modelId = modelIdOf(session);
    yield { type: "start", modelId, ...plan, promptText: tokenizer.decode(promptTokens), session };

    const recorder = new SegmentRecorder(model.config, logSegment);
    const decoder = new Decoder(model, createKernels());
    const sample = sampler && tokenSampler(sampler, model.config.vocab);
    const decode = (token: number) => {
      const greedy = decoder.step(token, recorder.sink);
      const choice = sample ? sample(decoder.logits, decoder.position) : greedy;
      recorder.push(token, choice);
      return choice;
    };
    const steps = decodeSteps(plan, { tokenizer, decode, takeRows: () => recorder.take() });
    let tokens = 0;
    let segments = 0;
    const { proven = 0, maxInFlight = 2 } = options;
    const run = prover.begin(terms);
    const prove = async (rows: SegmentRows): Promise<SegmentEvent | null> => {
      const index = segments++;
      return index < proven ? await run.skip(rows).then(() => null) : await proveNamed(run, rows, index);
    };
    for await (const event of overlap(steps, prove, Math.max(1, maxInFlight))) {
      if (event === null) continue;
      if (event.type === "token") tokens++;
      yield event;
    }
    yield { type: "done", tokens, segments, modelId, security: securityReport(session).bits };
  } finally {
    prover.close();
  }
}

function open(
  options: SessionOptions,
  plan: SessionPlan,
  sampler: Sampler | undefined,
): Promise<ModelProver> {
  const inline = options.inline ?? typeof Worker === "undefined";
  const openProver = options.openProver ?? (inline ? openInlineProver : openWorkerProver);
  return openProver(options.model, { logSegment: plan.logSegment, sampler, profile: options.profile });
}

async function proveNamed(prover: SessionProver, rows: SegmentRows, index: number): Promise<SegmentEvent> {
  let result: SegmentResult;
  try {
    result = await prover.prove(rows);
  } catch (error) {
    throw new Error(`segment ${index}: the prover failed: ${messageOf(error)}`, { cause: error });
  }
  const { proof, statement, proveMs, rows: live, cells } = result;
  const tokens = statement.tokens.length;
  return { type: "segment", index, tokens, proofBytes: proof.length, proveMs, rows: live, cells, proof };
}

function withoutUndefined(request: Partial<RunRequest>): Partial<RunRequest> {
  const { prompt, tokens, segment } = request;
  return {
    ...(prompt !== undefined && { prompt }),
    ...(tokens !== undefined && { tokens }),
    ...(segment !== undefined && { segment }),
  };
}
