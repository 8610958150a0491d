import { Fields } from "../../client/wire/fields.ts";
import { WireError } from "../../client/wire/wireError.ts";
import { MAX_SEGMENT, MIN_SEGMENT } from "../../session/planSession.ts";
import { Refusal } from "../refusal.ts";

/** What of a completion request there is an answer for. */
export interface CompletionRequest {
  readonly prompt: string;
  /** Null: as many as the server likes. */
  readonly maxTokens: number | null;
  readonly stream: boolean;
  /** A last chunk with the usage, when streaming. */
  readonly includeUsage: boolean;
  readonly segment: number | null;
  /** Whether the session is folded into a final proof. */
  readonly final: boolean;
  /** Proofs in the segment events themselves, in base64, beside the links to them. */
  readonly inlineProofs: boolean;
}

const MOST_TOKENS = 2 ** 24;
const MOST_MESSAGES = 256;
/** Would change what is answered, and cannot be done; a value of none is fine. */
const REFUSED = [
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "stop",
  "logit_bias",
  "suffix",
  "audio",
];
const SINGLE = ["n", "best_of"];

/**
 * Reads the body of `/v1/completions` or `/v1/chat/completions`. What only tunes sampling (`temperature`,
 * `top_p`, `seed`, …) is passed over: decode is greedy. What cannot be done is refused.
 *
 * @throws Refusal
 */
export function completionRequest(body: unknown, chat: boolean, model: string): CompletionRequest {
  try {
    return read(Fields.of("body", body), chat, model);
  } catch (error) {
    if (error instanceof WireError)
      throw new Refusal("bad-request", error.message, null, /^body: (\w+):/.exec(error.message)?.[1] ?? null);
    throw error;
  }
}

function read(body: Fields, chat: boolean, model: string): CompletionRequest {
  if (body.has("model") && body.text("model") !== model)
    throw new Refusal(
      "not-found",
      `model: expected ${model}, found ${body.text("model", 200)}`,
      null,
      "model",
    );
  for (const name of REFUSED) {
    const found = body.get(name);
    const none = found === undefined || found === null || (Array.isArray(found) && found.length === 0);
    if (!none) throw new Refusal("bad-request", `${name}: expected none, it is not supported`, null, name);
  }
  for (const name of SINGLE) if (body.has(name)) body.integer(name, 1, 1);
  const limit = chat && body.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
  const own = body.has("starkstream") ? body.object("starkstream") : null;
  own?.only(["segment", "proofs", "final"]);
  const stream = body.has("stream") && body.flag("stream");
  const options = body.has("stream_options") ? body.object("stream_options") : null;
  return {
    prompt: chat ? chatPrompt(body) : textPrompt(body),
    maxTokens: body.has(limit) ? body.integer(limit, 1, MOST_TOKENS) : null,
    stream,
    includeUsage: options?.has("include_usage") === true && options.flag("include_usage"),
    segment: own?.has("segment") ? own.integer("segment", MIN_SEGMENT, MAX_SEGMENT) : null,
    final: own?.has("final") === true && own.flag("final"),
    inlineProofs: own?.has("proofs") === true && own.oneOf("proofs", ["inline", "link"]) === "inline",
  };
}

function textPrompt(body: Fields): string {
  const found = body.get("prompt");
  if (Array.isArray(found) && found.length === 1 && typeof found[0] === "string") return found[0];
  return body.text("prompt");
}

/** The model knows no roles: what was said, line by line, is the text that it goes on with. */
function chatPrompt(body: Fields): string {
  const messages = body.get("messages");
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MOST_MESSAGES)
    throw body.wrong("messages", `1 to ${MOST_MESSAGES} messages`);
  return messages.map((message, i) => content(Fields.of(`body: messages: ${i}`, message))).join("\n");
}

function content(message: Fields): string {
  message.text("role");
  const found = message.get("content");
  if (!Array.isArray(found)) return message.text("content");
  return found
    .map((part, i) => {
      const fields = Fields.of(`${message.path}: content ${i}`, part);
      fields.oneOf("type", ["text"]);
      return fields.text("text");
    })
    .join("");
}
