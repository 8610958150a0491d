import { describe, expect, test } from "bun:test";
import { HubTokenizer } from "../../src/model/hubTokenizer.ts";
import { parseTokenizerSection, serializeTokenizerSection } from "../../src/model/tokenizerSection.ts";
import { vectorJson } from "./formats/vectorFolder.ts";

const template =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n'}}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const parts = { tokenizer: vectorJson("tokenizer.json"), bos: 1, ends: [0, 2], template };
const tokenizer = new HubTokenizer(parts, 420);

describe("a tokenizer of the hub", () => {
  const vectors: { text: string; tokens: number[]; decoded: string }[] = vectorJson("tokens.json");

  test.each(vectors)("gives the tokens that Python's tokenizers gives: %j", ({ text, tokens, decoded }) => {
    expect(tokenizer.encode(text)).toEqual(tokens);
    expect(tokenizer.decode(tokens)).toBe(decoded);
    const stream = tokenizer.stream();
    const pieces = tokens.map((token) => stream.push(token));
    expect(pieces.join("") + stream.end()).toBe(decoded);
    expect(pieces.join("")).not.toContain("\ufffd");
  });

  test("shows what is left of a character at the end", () => {
    const cut = tokenizer.stream();
    const shown = tokenizer
      .encode("a🙂")
      .slice(0, -1)
      .map((token) => cut.push(token));
    expect(shown.join("")).toBe("a");
    expect(cut.end()).toBe("\ufffd");
  });

  test("has room for tokens without text, and for no others", () => {
    expect(tokenizer.decode([419])).toBe("");
    expect(() => tokenizer.stream().push(420)).toThrow("expected a token in [0, 420), found 420");
    expect(() => new HubTokenizer(parts, 300)).toThrow("expected tokens below 300");
    expect(() => new HubTokenizer({ ...parts, bos: 420 }, 420)).toThrow(
      "expected special tokens in [0, 420)",
    );
    expect(() => new HubTokenizer({ ...parts, tokenizer: {} }, 420)).toThrow("tokenizer.json: expected");
  });

  test("knows ends and conversations", () => {
    expect([0, 1, 2].map((token) => tokenizer.isEnd(token))).toEqual([true, false, true]);
    expect(tokenizer.chat!([{ role: "user", content: "Hi" }])).toBe(
      "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    );
    expect(new HubTokenizer({ ...parts, template: undefined }, 420).chat).toBeUndefined();
  });

  test("survives being stored", () => {
    const stored = serializeTokenizerSection(tokenizer);
    const again = parseTokenizerSection(stored, 420);
    expect(serializeTokenizerSection(again)).toEqual(stored);
    expect(again.encode("Once upon")).toEqual(tokenizer.encode("Once upon"));
    expect(() => parseTokenizerSection(Uint8Array.of(7), 420)).toThrow("expected kind 0 or 1, found 7");
    expect(() => parseTokenizerSection(Uint8Array.of(1, 0x7b, 0x7d), 420)).toThrow("expected a tokenizer");
  });
});
