import { afterAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { writePieces } from "../../src/cli/models/writePieces.ts";
import { scratchDirectory } from "./cli.ts";

const { path, remove } = scratchDirectory();
afterAll(remove);

const text = (name: string) => Bun.file(path(name)).text();

describe("a file written in pieces", () => {
  test("is there as a whole, though its pieces share a buffer", async () => {
    function* pieces() {
      const buffer = new Uint8Array(3);
      for (const letters of ["abc", "de", "", "f"]) {
        buffer.set(new TextEncoder().encode(letters));
        yield buffer.subarray(0, letters.length);
      }
    }
    expect(await writePieces(path("whole"), pieces())).toBe(6);
    expect(await text("whole")).toBe("abcdef");
  });

  test("leaves what was there before, and nothing else, where writing fails", async () => {
    function* broken() {
      yield new Uint8Array(1000);
      throw new Error("no more");
    }
    await Bun.write(path("kept"), "before");
    await expect(writePieces(path("kept"), broken())).rejects.toThrow("no more");
    await expect(writePieces(path("new"), broken())).rejects.toThrow("no more");
    await expect(writePieces(path("nowhere/new"), [])).rejects.toThrow("ENOENT");
    expect(await text("kept")).toBe("before");
    expect(readdirSync(path("")).sort()).toEqual(["kept", "whole"]);
  });
});
