import { HubTokenizer } from "../hubTokenizer.ts";
import { PieceTokenizer } from "../pieceTokenizer.ts";
import type { Tokenizer } from "../tokenizer.ts";
import type { GgufMetadata } from "./gguf.ts";

/** Values of tokenizer.ggml.token_type. */
const CONTROL = 3;
const USER_DEFINED = 4;

const SPLIT = (pattern: string) => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
});

/** How texts are cut before pairs are merged, by tokenizer.ggml.pre, in tokenizer.json's terms. */
const PRE_TOKENIZERS: Readonly<Record<string, object>> = {
  "gpt-2": { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  smollm: {
    type: "Sequence",
    pretokenizers: [
      { type: "Digits", individual_digits: true },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  },
  qwen2: SPLIT(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
  "llama-bpe": SPLIT(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
};

/** The tokenizer that a GGUF file carries: byte-level pairs ("gpt2") or sentencepiece's ("llama"). */
export function ggufTokenizer(metadata: GgufMetadata, vocab: number): Tokenizer {
  const kind = metadata.text("tokenizer.ggml.model");
  if (kind === "gpt2") return bytePairs(metadata, vocab);
  if (kind === "llama") return pieces(metadata, vocab);
  return metadata.wrong("tokenizer.ggml.model", "gpt2 or llama", kind);
}

function bytePairs(metadata: GgufMetadata, vocab: number): Tokenizer {
  const tokens = metadata.texts("tokenizer.ggml.tokens");
  const types = metadata.numbers("tokenizer.ggml.token_type");
  const pre = metadata.text("tokenizer.ggml.pre");
  if (!Object.hasOwn(PRE_TOKENIZERS, pre))
    metadata.wrong("tokenizer.ggml.pre", Object.keys(PRE_TOKENIZERS).join(", "), pre);
  if (tokens.length !== vocab) metadata.wrong("tokenizer.ggml.tokens", `${vocab} tokens`, `${tokens.length}`);
  if (types.length !== vocab)
    metadata.wrong("tokenizer.ggml.token_type", `${vocab} numbers`, `${types.length}`);
  const eos = metadata.number("tokenizer.ggml.eos_token_id");
  const bos = metadata.number("tokenizer.ggml.bos_token_id", eos);
  const normalizer = pre === "qwen2" ? { type: "NFC" } : null;
  const tokenizer = {
    version: "1.0",
    added_tokens: tokens.flatMap((content, id) => {
      const type = types[id];
      if (type !== CONTROL && type !== USER_DEFINED) return [];
      const special = type === CONTROL;
      return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
    }),
    normalizer,
    pre_tokenizer: PRE_TOKENIZERS[pre],
    post_processor: metadata.get("tokenizer.ggml.add_bos_token") === true ? begins(bos, tokens[bos]) : null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      byte_fallback: false,
      ignore_merges: pre === "llama-bpe",
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: metadata.texts("tokenizer.ggml.merges"),
    },
  };
  // what ends a turn of a conversation ends a text, too
  const turn = metadata.get("tokenizer.ggml.eot_token_id");
  const ends = typeof turn === "number" && turn !== eos ? [eos, turn] : [eos];
  const template = metadata.get("tokenizer.chat_template");
  return new HubTokenizer(
    { tokenizer, bos, ends, template: typeof template === "string" ? template : undefined },
    vocab,
  );
}

/** A post-processor that puts one token before a text. */
function begins(id: number, content: string | undefined): object {
  const single = [{ SpecialToken: { id: content, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }];
  const special_tokens = { [String(content)]: { id: content, ids: [id], tokens: [content] } };
  return { type: "TemplateProcessing", single, pair: single, special_tokens };
}

/** Sentencepiece's vocabulary, which llama2.c's tokenizer.bin has from the same source. */
function pieces(metadata: GgufMetadata, vocab: number): Tokenizer {
  const tokens = metadata.texts("tokenizer.ggml.tokens");
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (tokens.length !== vocab || scores.length !== vocab)
    metadata.wrong(
      "tokenizer.ggml.tokens",
      `${vocab} tokens and scores`,
      `${tokens.length}, ${scores.length}`,
    );
  const special = ["bos", "eos"].map((name) => metadata.number(`tokenizer.ggml.${name}_token_id`));
  if (special[0] !== 1 || special[1] !== 2)
    metadata.wrong("tokenizer.ggml.bos_token_id", "tokens 1 and 2 to begin and end a text", special.join());
  if (tokens[3] !== "<0x00>") metadata.wrong("tokenizer.ggml.tokens", "bytes from token 3 on", tokens[3]);
  const bytes = tokens.map((token) => new TextEncoder().encode(token.replaceAll("\u2581", " ")));
  const longest = bytes.reduce((most, { length }) => Math.max(most, length), 1);
  return new PieceTokenizer(bytes, Float32Array.from(scores), longest);
}
