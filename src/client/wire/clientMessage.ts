import { Fields } from "./fields.ts";
import { packFrame, unpackFrame } from "./frame.ts";
import { type ClientMessage, MAX_CLIENT_FRAME, MAX_CREDIT, VERSION } from "./messages.ts";

/** 32 hexadecimal digits. */
export const SESSION_ID = /^[0-9a-f]{32}$/;
const MOST = 2 ** 24;

export function encodeClientMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return packFrame({ v: VERSION, ...message });
}

/**
 * Reads a client's frame, whoever wrote it: every field there, nothing else, all in range.
 *
 * @throws WireError
 */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  const fields = Fields.of("message", unpackFrame(bytes, MAX_CLIENT_FRAME));
  fields.integer("v", VERSION, VERSION);
  const type = fields.oneOf("type", ["start", "resume", "ack", "cancel"]);
  if (type === "cancel") {
    fields.only(["v", "type"]);
    return { type };
  }
  const credit = fields.integer("credit", 1, MAX_CREDIT);
  if (type === "ack") {
    fields.only(["v", "type", "credit"]);
    return { type, credit };
  }
  if (type === "resume") {
    fields.only(["v", "type", "session", "from", "credit"]);
    const session = fields.text("session");
    if (!SESSION_ID.test(session)) throw fields.wrong("session", "32 hexadecimal digits");
    const from = fields.object("from");
    from.only(["tokens", "segments"]);
    const place = { tokens: from.integer("tokens", 0, MOST), segments: from.integer("segments", 0, MOST) };
    return { type, session, from: place, credit };
  }
  fields.only(["v", "type", "prompt", "maxTokens", "segment", "final", "credit"]);
  return {
    type,
    prompt: fields.text("prompt"),
    maxTokens: fields.integer("maxTokens", 1, MOST),
    segment: fields.integer("segment", 1, MOST),
    final: fields.flag("final"),
    credit,
  };
}
