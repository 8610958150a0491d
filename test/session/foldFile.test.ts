import { describe, expect, test } from "bun:test";
import { type FoldFile, formatFold, parseFold } from "../../src/session/foldFile.ts";
import { readFold } from "../../src/session/foldStore.ts";
import { InputError } from "../../src/session/inputError.ts";
import { FOLD_PROFILE } from "../../src/whir/profile.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { MemoryFileSystem } from "./memoryFileSystem.ts";

const file: FoldFile = {
  foldId: "ab".repeat(32),
  profile: FOLD_PROFILE,
  key: {
    places: 1,
    sizes: {
      logOps: 18,
      logLifts: 17,
      logBits: 10,
      logCells: 20,
      logInputs: 6,
      hashes: [
        { log: 14, extended: false },
        { log: 11, extended: true },
      ],
    },
    name: { root: [1, 2, 3, 4, 5, 6, 7, 0xffffffff], value: [1, 2, 3, 4, 5] },
  },
  tokens: [1, 403, 7],
};

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON may be
type Json = any;
const json = (): Json => JSON.parse(formatFold(file));

describe("fold.json", () => {
  test("what is written is read", () => {
    expect(parseFold(formatFold(file))).toEqual(file);
  });

  test("a profile that no reader knows is not written", () => {
    expect(() => formatFold({ ...file, profile: testProfile })).toThrow(
      "profile: expected starkstream-fold-2",
    );
  });

  const edits: [string, (v: Json) => unknown, string][] = [
    ["a list", () => [], "expected an object"],
    ["another format", (v) => ({ ...v, format: "starkstream session" }), "format: expected"],
    ["another version", (v) => ({ ...v, version: 1 }), "version: expected 2"],
    ["more places than there may be", (v) => ({ ...v, places: 5 }), "places: expected an integer"],
    ["a missing field", ({ tokens: _, ...v }) => v, "tokens: expected a value, found nothing"],
    ["a field too many", (v) => ({ ...v, extra: 1 }), 'expected no field "extra"'],
    [
      "an unknown profile",
      (v) => ({ ...v, profile: "toy" }),
      'profile: expected starkstream-fold-2, found "toy"',
    ],
    ["a short id", (v) => ({ ...v, foldId: "00" }), "foldId: expected 64 hexadecimal digits"],
    ["a huge table", (v) => ({ ...v, sizes: { ...v.sizes, logOps: 60 } }), "logOps: expected an integer"],
    ["no table", (v) => ({ ...v, sizes: { ...v.sizes, logBits: 0 } }), "logBits: expected an integer"],
    [
      "many blocks",
      (v) => ({ ...v, sizes: { ...v.sizes, hashes: Array(9).fill([3, 0]) } }),
      "hashes: expected at most 8",
    ],
    ["half a block", (v) => ({ ...v, sizes: { ...v.sizes, hashes: [[3]] } }), "hashes: expected at most 8"],
    ["p as a coordinate", (v) => ({ ...v, key: { ...v.key, value: [0, 0, 0, 0, 2147483647] } }), "value"],
    ["a root of numbers", (v) => ({ ...v, key: { ...v.key, root: 1 } }), "root: expected 64"],
    ["tokens as text", (v) => ({ ...v, tokens: "1,2" }), "tokens: expected"],
    ["a negative token", (v) => ({ ...v, tokens: [-1] }), "tokens: expected"],
  ];
  for (const [name, change, message] of edits) {
    test(`refuses ${name}`, () => {
      const text = JSON.stringify(change(json()));
      expect(() => parseFold(text)).toThrow(InputError);
      expect(() => parseFold(text)).toThrow(message);
    });
  }

  test("a directory without a final proof, or with one alone, is refused", async () => {
    const fs = new MemoryFileSystem();
    await expect(readFold(fs, "dir")).rejects.toThrow("dir/final.proof: expected a readable file");
    await fs.write("dir/final.proof", new Uint8Array(4));
    await expect(readFold(fs, "dir")).rejects.toThrow("dir/fold.json: expected a readable file");
  });
});
