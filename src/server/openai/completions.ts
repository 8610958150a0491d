import type { Context } from "hono";
import { DEFAULT_REQUEST } from "../../session/planSession.ts";
import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";
import { RunReader } from "../runReader.ts";
import type { Runs } from "../runs.ts";
import type { ServerEnv } from "../serverEnv.ts";
import { Completion } from "./completion.ts";
import { type CompletionRequest, completionRequest } from "./completionRequest.ts";
import { streamCompletion } from "./streamCompletion.ts";

/** `POST /v1/completions` and, with `chat`, `/v1/chat/completions`. */
export function completions(runs: Runs, settings: Settings, chat: boolean) {
  return async (context: Context<ServerEnv>): Promise<Response> => {
    let body: unknown;
    try {
      body = await context.req.json();
    } catch (error) {
      // a body over the limit fails here too, and is answered as such
      if (!(error instanceof SyntaxError)) throw error;
      throw new Refusal("bad-request", "body: expected JSON, found something else");
    }
    const request = completionRequest(body, chat, settings.name);
    const { prompt } = request;
    const tokens = request.maxTokens ?? roomFor(prompt, settings);
    const segment = request.segment ?? Math.min(DEFAULT_REQUEST.segment, settings.model.config.capacity);
    const run = await runs.begin({ prompt, tokens, segment, final: request.final }, context.env.client, {
      alone: !request.stream,
    });
    const reader = new RunReader(run);
    const completion = new Completion(run, chat, settings.name, (token) => settings.tokenizer.isEnd(token));
    return request.stream
      ? streamed(completion, reader, request, settings.patienceMs)
      : Response.json(await whole(completion, reader, context.req.raw.signal));
  };
}

function streamed(
  completion: Completion,
  reader: RunReader,
  request: CompletionRequest,
  patienceMs: number,
): Response {
  return new Response(streamCompletion(completion, reader, request, patienceMs), {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

/** The answer as soon as its text is there; proving goes on, and its proofs come by link. */
async function whole(completion: Completion, reader: RunReader, signal: AbortSignal) {
  const stop = () => void completion.run.stop("cancelled");
  signal.addEventListener("abort", stop);
  try {
    for (let event = await reader.next(); event; event = await reader.next()) {
      if (event.type === "token" && completion.finishReason !== null) break;
      if (event.type !== "ended" || event.how === "complete") continue;
      throw event.how === "interrupted"
        ? new Refusal("shutdown", "the session was interrupted", 5)
        : new Refusal("failed", event.how === "failed" ? event.message : "the session was cancelled");
    }
    return completion.whole();
  } finally {
    signal.removeEventListener("abort", stop);
    reader.close();
  }
}

/** Tokens for a request that names no number. */
function roomFor(prompt: string, { model, tokenizer, maxPrompt, maxTokens }: Settings): number {
  if (prompt.length > maxPrompt) return 1; // it is refused for its length
  const room = model.config.capacity - tokenizer.encode(prompt).length + 1;
  return Math.max(1, Math.min(DEFAULT_REQUEST.tokens, room, maxTokens));
}
