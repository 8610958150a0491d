import { describe, expect, test } from "bun:test";
import { parseTokenizer, serializeTokenizer } from "../../src/model/tokenizerFile.ts";
import { tinyTokenizer } from "./checkpoint.ts";
import { hasShared, readShared } from "./shared.ts";

describe("tokenizer file", () => {
  test("survives a round trip", () => {
    expect(serializeTokenizer(parseTokenizer(tinyTokenizer(), 16))).toEqual(tinyTokenizer());
  });

  test("refuses another vocabulary size", () => {
    expect(() => parseTokenizer(tinyTokenizer(), 17)).toThrow(
      "expected 17 pieces, one for each token of the model, found 16",
    );
    expect(() => parseTokenizer(tinyTokenizer(), 15)).toThrow(
      "expected the file to end after 15 pieces, one for each token of the model, found 9 more bytes",
    );
  });

  test("refuses truncation and garbage", () => {
    expect(() => parseTokenizer(tinyTokenizer().slice(0, 2), 16)).toThrow(
      "expected at least 4 bytes, found 2",
    );
    expect(() => parseTokenizer(tinyTokenizer().slice(0, -5), 16)).toThrow(
      "expected score and length of piece 15",
    );
    expect(() => parseTokenizer(tinyTokenizer().slice(0, 14), 16)).toThrow(
      "expected 5 bytes of piece 0 at byte 12, found the end of the file at 14",
    );
    expect(() => parseTokenizer(new TextEncoder().encode("hello world"), 16)).toThrow(
      "tokenizer file: expected",
    );
  });
});

describe("tokenizer", () => {
  const tiny = parseTokenizer(tinyTokenizer(), 16);

  test("merges the best pair first", () => {
    // " abab": the merge "ab" scores 6, " a" 7 and "abab" 8, yet " a" is reached first
    expect(tiny.encode("abab")).toEqual([1, 7, 5, 6]);
    expect(tiny.decode([1, 7, 5, 6])).toBe("abab");
    expect(tiny.encode("", { bos: false })).toEqual([]);
  });

  test("says so when a byte has no token", () => {
    expect(() => tiny.encode("z")).toThrow("expected a token for byte 122, found a vocabulary of 16");
  });

  test("refuses unknown tokens", () => {
    expect(() => tiny.decode([1, 16])).toThrow("expected a token in [0, 16), found 16");
  });

  const path = "models/stories260K/tok512.bin";
  test.skipIf(!hasShared(path))("round trips any text and streams whole characters", () => {
    const tokenizer = parseTokenizer(readShared(path), 512);
    for (const text of [
      "Once upon a time",
      " leading space",
      "déjà vu, 日本語 🙂!",
      "tab\tand\nline",
      "<0x41> <s>",
    ]) {
      const tokens = tokenizer.encode(text);
      expect(tokens[0]).toBe(1);
      expect(tokenizer.decode(tokens)).toBe(text);
      const stream = tokenizer.stream();
      const parts = tokens.map((token) => stream.push(token));
      expect(parts.join("")).toBe(text);
      expect(parts.some((part) => part.includes("\ufffd"))).toBe(false);
    }
    const cut = tokenizer.stream();
    for (const token of tokenizer.encode("🙂").slice(0, -1)) cut.push(token);
    expect(cut.end()).toBe("\ufffd");
  });

  const reference = "models/stories260K/reference.json";
  test.skipIf(!hasShared(reference))("gives the reference's tokens", () => {
    const tokenizer = parseTokenizer(readShared(path), 512);
    const { runs } = JSON.parse(new TextDecoder().decode(readShared(reference)));
    for (const { prompt, promptTokens, greedyTokens, text } of runs) {
      expect(tokenizer.encode(prompt)).toEqual(promptTokens);
      expect(tokenizer.decode(greedyTokens)).toBe(text);
    }
  });
});
