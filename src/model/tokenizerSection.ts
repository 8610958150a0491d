import { HubTokenizer, type HubTokenizerParts } from "./hubTokenizer.ts";
import { PieceTokenizer } from "./pieceTokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { parseTokenizer, serializeTokenizer } from "./tokenizerFile.ts";

/** A tokenizer inside a model file: one byte that says which, then tokenizer.bin or JSON. */
const PIECES = 0;
const HUB = 1;

const fail = (expected: string, found: string): never => {
  throw new Error(`tokenizer section: expected ${expected}, found ${found}`);
};

export function serializeTokenizerSection(tokenizer: Tokenizer): Uint8Array {
  if (tokenizer instanceof PieceTokenizer) return Uint8Array.from([PIECES, ...serializeTokenizer(tokenizer)]);
  if (tokenizer instanceof HubTokenizer) {
    const text = new TextEncoder().encode(JSON.stringify(tokenizer.parts));
    const bytes = new Uint8Array(1 + text.length);
    bytes[0] = HUB;
    bytes.set(text, 1);
    return bytes;
  }
  return fail("pieces or a tokenizer of the hub", "another");
}

export function parseTokenizerSection(bytes: Uint8Array, vocab: number): Tokenizer {
  const kind = bytes[0] ?? fail("a kind", "no bytes");
  if (kind === PIECES) return parseTokenizer(bytes.subarray(1), vocab);
  if (kind !== HUB) fail("kind 0 or 1", String(kind));
  return new HubTokenizer(partsOf(new TextDecoder().decode(bytes.subarray(1))), vocab);
}

function partsOf(text: string): HubTokenizerParts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail("JSON", String(error));
  }
  const { tokenizer, bos, ends, template } = (value ?? {}) as Record<string, unknown>;
  if (typeof tokenizer !== "object" || tokenizer === null) return fail("a tokenizer", typeof tokenizer);
  if (typeof bos !== "number") return fail("a token bos", String(bos));
  if (!Array.isArray(ends) || !ends.every((token) => typeof token === "number"))
    return fail("tokens that end a text", String(ends));
  if (template !== undefined && typeof template !== "string") return fail("a template", typeof template);
  return { tokenizer, bos, ends, template };
}
