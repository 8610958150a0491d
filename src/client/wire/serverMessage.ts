import { Fields } from "./fields.ts";
import { packFrame, unpackFrame } from "./frame.ts";
import { SESSION_ID } from "./clientMessage.ts";
import { type ErrorCode, MAX_SERVER_FRAME, type ServerMessage, VERSION } from "./messages.ts";

const MOST = 2 ** 31;
const TYPES = ["hello", "started", "token", "segment", "fold", "done", "final", "error"] as const;

const CODES: readonly ErrorCode[] = [
  "bad-message",
  "bad-request",
  "too-large",
  "too-many",
  "overloaded",
  "not-found",
  "slow-reader",
  "cancelled",
  "shutdown",
  "failed",
];

export function encodeServerMessage(message: ServerMessage): Uint8Array<ArrayBuffer> {
  return packFrame({ v: VERSION, ...message });
}

/**
 * Reads a server's frame, whoever wrote it. Fields that a later server may add are passed over.
 *
 * @throws WireError
 */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  const fields = Fields.of("message", unpackFrame(bytes, MAX_SERVER_FRAME));
  fields.integer("v", VERSION, VERSION);
  const count = (name: string) => fields.integer(name, 0, MOST);
  const type = fields.oneOf("type", TYPES);
  if (type === "hello")
    return { type, model: fields.text("model"), capacity: count("capacity"), folds: fields.flag("folds") };
  if (type === "started") {
    const session = fields.text("session");
    if (!SESSION_ID.test(session)) throw fields.wrong("session", "32 hexadecimal digits");
    return {
      type,
      session,
      modelId: fields.text("modelId"),
      promptTokens: fields.integers("promptTokens", MOST),
      promptText: fields.text("promptText"),
      maxTokens: count("maxTokens"),
      final: fields.flag("final"),
      file: fields.text("file"),
    };
  }
  if (type === "token")
    return { type, position: count("position"), id: count("id"), text: fields.text("text") };
  if (type === "segment")
    return {
      type,
      index: count("index"),
      tokens: count("tokens"),
      proveMs: fields.amount("proveMs"),
      rows: count("rows"),
      cells: count("cells"),
      proof: fields.bytes("proof"),
    };
  if (type === "fold")
    return {
      type,
      index: count("index"),
      proofBytes: count("proofBytes"),
      foldMs: fields.amount("foldMs"),
    };
  if (type === "final")
    return {
      type,
      foldMs: fields.amount("foldMs"),
      security: fields.amount("security"),
      chainSecurity: fields.amount("chainSecurity"),
      file: fields.text("file"),
      proof: fields.bytes("proof"),
    };
  if (type === "done")
    return {
      type,
      tokens: count("tokens"),
      segments: count("segments"),
      modelId: fields.text("modelId"),
      security: fields.amount("security"),
    };
  return {
    type,
    code: fields.oneOf("code", CODES),
    message: fields.text("message"),
    retryAfter: fields.has("retryAfter") ? fields.amount("retryAfter") : null,
  };
}
