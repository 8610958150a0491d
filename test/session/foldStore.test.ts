import { describe, expect, test } from "bun:test";
import type { FileSystem } from "../../src/session/adapters/fileSystem.ts";
import type { FinalEvent, FoldEvent } from "../../src/session/events.ts";
import { FoldWriter, hasFinal, readFold, readSteps } from "../../src/session/foldStore.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { MemoryFileSystem } from "./memoryFileSystem.ts";

const STEPS = 12;
const steps: FoldEvent[] = Array.from({ length: STEPS }, (_, index) => {
  const proof = Uint8Array.of(index);
  return { type: "fold", level: index + 1, index, proofBytes: 1, foldMs: 1, proof };
});
const final: FinalEvent = {
  type: "final",
  proofBytes: 1,
  foldMs: 1,
  segments: STEPS,
  tokens: 3,
  security: 128,
  chainSecurity: 120,
  foldId: "ab".repeat(32),
  key: {
    places: 1,
    sizes: {
      logOps: 12,
      logLifts: 10,
      logBits: 8,
      logCells: 12,
      logInputs: 6,
      hashes: [{ log: 8, extended: false }],
    },
    name: { root: [1, 2, 3, 4, 5, 6, 7, 8], value: [1, 2, 3, 4, 5] },
  },
  consumed: [1, 2],
  proof: Uint8Array.of(STEPS - 1),
};

/** A process that dies before its `count`th change to the disk. */
function dyingAfter(files: MemoryFileSystem, count: number): FileSystem {
  let left = count;
  const living = <Result>(change: () => Promise<Result>): Promise<Result> =>
    left-- > 0 ? change() : Promise.reject(new Error("killed"));
  return {
    read: (path, most) => files.read(path, most),
    list: (path) => files.list(path),
    makeDirectory: () => files.makeDirectory(),
    write: (path, bytes) => living(() => files.write(path, bytes)),
    remove: (path) => living(() => files.remove(path)),
  };
}

describe("what is folded, on disk", () => {
  test("killed at any moment: the newest step that was made is there", async () => {
    let count = 0;
    for (let isOver = false; !isOver; count++) {
      const files = new MemoryFileSystem();
      const writer = new FoldWriter(dyingAfter(files, count), "dir", testProfile);
      let made = -1;
      try {
        for (const event of [...steps, final]) {
          await writer.write(event);
          if (event.type === "fold") made = event.index;
        }
        isOver = true;
      } catch (error) {
        expect((error as Error).message).toBe("killed");
      }
      const found = (await readSteps(files, "dir")).map(([index]) => index);
      expect([count, made < 0 || found.includes(made) || found.includes(made + 1)]).toEqual([count, true]);
      // a final proof is never there without what it is read with
      if (await hasFinal(files, "dir"))
        expect((await readFold(files, "dir", [testProfile])).tokens).toEqual([1, 2]);
    }
    // each step is one file and takes the one before away; the end is two files
    expect(count - 1).toBe(2 * STEPS - 1 + 3);
  });

  test("in the end nothing but the final proof and fold.json; one step at a time before", async () => {
    const files = new MemoryFileSystem();
    const writer = new FoldWriter(files, "dir", testProfile);
    for (const event of steps) {
      await writer.write(event);
      expect(await files.list("dir")).toEqual([`fold-${String(event.index).padStart(4, "0")}.proof`]);
    }
    await writer.write(final);
    expect((await files.list("dir")).sort()).toEqual(["final.proof", "fold.json"]);
  });

  test("a longer run goes on from its final proof, which stays until there is a further step", async () => {
    const files = new MemoryFileSystem();
    const writer = new FoldWriter(files, "dir", testProfile);
    await writer.write(final);
    expect(await readSteps(files, "dir")).toEqual([final.proof]);
    const [first] = steps;
    await writer.write({ ...first, index: STEPS, level: STEPS + 1 });
    expect(await files.list("dir")).toEqual([`fold-${String(STEPS).padStart(4, "0")}.proof`]);
  });
});
