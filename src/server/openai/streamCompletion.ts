import { errorBody } from "../errorBody.ts";
import type { RunReader } from "../runReader.ts";
import type { Completion } from "./completion.ts";
import type { CompletionRequest } from "./completionRequest.ts";

/**
 * A completion as server-sent events: chunks of text, each proven segment as an event named "segment",
 * the final proof, if there is one, as an event named "final", `[DONE]` when all is proven and folded. It is pulled: what the client does not read is not decoded.
 */
export function streamCompletion(
  completion: Completion,
  reader: RunReader,
  { includeUsage, inlineProofs }: CompletionRequest,
  patienceMs: number,
): ReadableStream<Uint8Array> {
  const events = completionEvents(completion, reader, includeUsage, inlineProofs);
  const encoder = new TextEncoder();
  let patience: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(patience);
        const next = await events.next();
        if (next.done) return controller.close();
        controller.enqueue(encoder.encode(next.value));
        patience = setTimeout(() => {
          controller.error(new Error(`expected a reader within ${patienceMs} ms, found none`));
          reader.close();
          void completion.run.stop("interrupted");
        }, patienceMs);
      },
      async cancel() {
        clearTimeout(patience);
        reader.close();
        await completion.run.stop("cancelled");
      },
    },
    { highWaterMark: 0 },
  );
}

async function* completionEvents(
  completion: Completion,
  reader: RunReader,
  includeUsage: boolean,
  inlineProofs: boolean,
): AsyncGenerator<string, void, void> {
  const { run } = reader;
  let sent = 0;
  try {
    for (let event = await reader.next(); event; event = await reader.next()) {
      if (event.type === "token") {
        sent++;
        const last = sent === run.tokens.length ? completion.finishReason : null;
        yield data(completion.text(event.token.text, last));
      } else if (event.type === "segment") {
        const proof = inlineProofs ? base64(await run.kept.readProof(event.segment.index)) : null;
        yield `event: segment\n${data(completion.segment(event.segment, proof))}`;
      } else if (event.type === "final") {
        const proof = inlineProofs ? base64((await run.kept.readFinal()).proof) : null;
        yield `event: final\n${data(completion.final(event.final, proof))}`;
      } else if (event.type === "ended" && event.how !== "complete") {
        const message = event.how === "failed" ? event.message : `the session was ${event.how}`;
        yield data(errorBody(message, { type: "server_error", code: "failed" }));
      }
    }
    if (includeUsage) yield data(completion.lastUsage());
    yield "data: [DONE]\n\n";
  } finally {
    reader.close();
  }
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2 ** 15)
    text += String.fromCharCode(...bytes.subarray(at, at + 2 ** 15));
  return btoa(text);
}
