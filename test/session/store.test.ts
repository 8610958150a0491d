import { describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "../../src/session/adapters/nodeFileSystem.ts";
import { InputError } from "../../src/session/inputError.ts";
import { formatSession, parseSession, type SessionFile } from "../../src/session/sessionFile.ts";
import { checkNames, readSession, SessionWriter, segmentName } from "../../src/session/store.ts";
import { GPT2, QWEN2, tinyModel } from "../model/tinyModel.ts";
import { sessionOf } from "../../src/segment/statement.ts";
import { fakeProver } from "./fakeProver.ts";
import { MemoryFileSystem } from "./memoryFileSystem.ts";

const ID = "0123456789abcdef".repeat(4);
const prover = await fakeProver()(tinyModel(), { logSegment: 2 });
const session = sessionOf(prover.session, { promptLength: 5 });
const file: SessionFile = { session, modelId: ID, segments: null };

describe("session.json", () => {
  test("comes back as it was", () => {
    expect(parseSession(formatSession(file))).toEqual(file);
    expect(parseSession(formatSession({ ...file, segments: 3 })).segments).toBe(3);
    for (const options of [GPT2, QWEN2]) {
      const { config, shifts, normBits, expScale, scoreShift } = tinyModel(options);
      const description = { config, shifts, normBits, expScale, scoreShift };
      const other = { ...file, session: { ...session, description } };
      expect(parseSession(formatSession(other))).toEqual(other);
    }
  });

  test("a profile of one's own is not written", () => {
    const mine = { ...session, profile: { ...session.profile, name: "mine" } };
    expect(() => formatSession({ ...file, session: mine })).toThrow(
      'profile: expected starkstream-1, starkstream-large-1, found "mine"',
    );
  });

  const json = () => JSON.parse(formatSession(file));
  const edits: [string, (value: ReturnType<typeof json>) => unknown, string][] = [
    ["an array", () => [], "expected an object"],
    ["null", () => null, "expected an object"],
    ["another format", (v) => ({ ...v, format: "x" }), 'format: expected "starkstream session", found "x"'],
    ["another version", (v) => ({ ...v, version: 1 }), "version: expected 2, found 1"],
    ["a missing field", ({ fixed: _, ...v }) => v, "fixed: expected a value, found nothing"],
    ["a field too many", (v) => ({ ...v, extra: 1 }), 'expected no field "extra"'],
    [
      "__proto__",
      (v) => JSON.parse(JSON.stringify(v).replace("{", '{"__proto__":{},')),
      'expected no field "__proto__"',
    ],
    [
      "an unknown profile",
      (v) => ({ ...v, profile: "toy" }),
      'profile: expected starkstream-1, starkstream-large-1, found "toy"',
    ],
    ["a short model id", (v) => ({ ...v, modelId: "00" }), "modelId: expected 64 hexadecimal digits"],
    ["a long root", (v) => ({ ...v, fixed: { ...v.fixed, root: `${v.fixed.root}00` } }), "root: expected 64"],
    ["a root of numbers", (v) => ({ ...v, fixed: { ...v.fixed, root: [1] } }), "root: expected 64"],
    [
      "p as a coordinate",
      (v) => ({ ...v, fixed: { ...v.fixed, value: [0, 0, 0, 0, 2147483647] } }),
      "value: expected 5",
    ],
    ["a fraction", (v) => ({ ...v, fixed: { ...v.fixed, value: [0, 0, 0, 0, 0.5] } }), "value: expected 5"],
    ["a negative logarithm", (v) => ({ ...v, logSegment: -1 }), "logSegment: expected an integer"],
    ["a huge logarithm", (v) => ({ ...v, logSegment: 30 }), "segment: expected a power of two"],
    ["a segment above the capacity", (v) => ({ ...v, logSegment: 5 }), "logSegment: expected at most"],
    ["no prompt", (v) => ({ ...v, promptLength: 0 }), "promptLength: expected an integer in [1, 16]"],
    [
      "a prompt above the capacity",
      (v) => ({ ...v, promptLength: 17 }),
      "promptLength: expected an integer in [1, 16]",
    ],
    ["too many segments", (v) => ({ ...v, segments: 5 }), "segments: expected an integer in [1, 4]"],
    ["a size as text", (v) => edit(v, ["config", "dim"], "8"), "dim: expected an integer"],
    ["a huge capacity", (v) => edit(v, ["config", "capacity"], 2 ** 24), "capacity"],
    [
      "a capacity that is no power of two",
      (v) => edit(v, ["config", "capacity"], 12),
      "capacity to be a power of two",
    ],
    ["a shift out of range", (v) => edit(v, ["shifts", "q"], 15), "shift q"],
    [
      "unknown positions",
      (v) => edit(v, ["config", "positions"], "absolute"),
      'positions: expected one of rotary, learned, found "absolute"',
    ],
    [
      "no activation",
      (v) => edit(v, ["config", "activation"], null),
      "activation: expected one of silu, gelu",
    ],
    ["biases in no list", (v) => edit(v, ["config", "biases"], "bq"), "biases: expected some of bq, bk"],
    [
      "biases out of order",
      (v) => edit(v, ["config", "biases"], ["bk", "bq"]),
      "biases: expected some of bq, bk",
    ],
    ["a bias twice", (v) => edit(v, ["config", "biases"], ["bq", "bq"]), "biases: expected some of bq, bk"],
    ["shifts of a gate without one", (v) => edit(v, ["config", "activation"], "gelu"), "shift up to be 0"],
    ["another exp scale", (v) => edit(v, ["expScale"], 7), "expScale"],
    ["infinity", (v) => edit(v, ["normBits"], "Infinity"), "normBits: expected an integer"],
  ];
  for (const [name, change, message] of edits) {
    test(`refuses ${name}`, () => {
      const text = JSON.stringify(change(json()));
      expect(() => parseSession(text)).toThrow(InputError);
      expect(() => parseSession(text)).toThrow(message);
    });
  }

  test("refuses what is no JSON, in one short line", () => {
    for (const text of ["", "{", "\u0000\n\n".repeat(1000), "[".repeat(60_000)]) {
      const parse = () => parseSession(text);
      expect(parse).toThrow(InputError);
      try {
        parse();
      } catch (error) {
        expect((error as Error).message).not.toContain("\n");
        expect((error as Error).message.length).toBeLessThan(200);
      }
    }
  });
});

function edit<T extends { description: object }>(value: T, path: string[], to: unknown): T {
  let at = value.description as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[path.at(-1) as string] = to;
  return value;
}

describe("store", () => {
  async function stored(count: number, finish = true) {
    const fs = new MemoryFileSystem();
    const writer = await SessionWriter.open(fs, "dir");
    await writer.begin(session, ID);
    for (let i = 0; i < count; i++) await writer.segment(i, Uint8Array.of(i));
    if (finish) await writer.finish(count);
    return fs;
  }

  test("what is written is read", async () => {
    const found = await readSession(await stored(2), "dir");
    expect(found).toEqual({
      ...file,
      segments: 2,
      indices: [0, 1],
      proofs: [Uint8Array.of(0), Uint8Array.of(1)],
    });
    expect(checkNames(found)).toBeNull();
  });

  test("a run that broke off can be read", async () => {
    const found = await readSession(await stored(1, false), "dir");
    expect(found.segments).toBeNull();
    expect(checkNames(found)).toBeNull();
  });

  test("a new session replaces the old one, and nothing else", async () => {
    const fs = await stored(3);
    await fs.write("dir/notes.txt", new Uint8Array(1));
    const writer = await SessionWriter.open(fs, "dir");
    await writer.begin(session, ID);
    expect((await fs.list("dir")).sort()).toEqual(["notes.txt", "session.json"]);
  });

  test("missing and foreign proofs are noticed", async () => {
    const dropped = await stored(3);
    await dropped.remove("dir/segment-0001.proof");
    expect(checkNames(await readSession(dropped, "dir"))).toEqual({
      segment: 1,
      detail: "expected segment-0001.proof, found segment-0002.proof",
    });
    const short = await stored(3);
    await short.remove("dir/segment-0002.proof");
    expect(checkNames(await readSession(short, "dir"))).toEqual({
      segment: 2,
      detail: "expected 3 proofs, found 2",
    });
    const long = await stored(2);
    await long.write("dir/segment-0002.proof", new Uint8Array(1));
    expect(checkNames(await readSession(long, "dir"))).toEqual({
      segment: 2,
      detail: "expected 2 proofs, found 3",
    });
  });

  test("unreadable sessions are refused", async () => {
    await expect(readSession(new MemoryFileSystem(), "dir")).rejects.toThrow(
      "session.json: expected a readable file",
    );
    await expect(readSession(await stored(0, false), "dir")).rejects.toThrow(
      "expected segment-0000.proof, found no proof",
    );
    const huge = await stored(1);
    await huge.write("dir/session.json", new Uint8Array(2 ** 20));
    await expect(readSession(huge, "dir")).rejects.toThrow("expected at most 65536 bytes");
    const many = await stored(1);
    for (let i = 0; i < 5; i++) await many.write(`dir/${segmentName(i)}`, new Uint8Array(1));
    await expect(readSession(many, "dir")).rejects.toThrow("expected at most 4 proofs, found 5");
  });

  test("a directory that cannot be written is refused before anything is proven", async () => {
    const fs = new MemoryFileSystem();
    fs.readOnly = true;
    await expect(SessionWriter.open(fs, "dir")).rejects.toThrow(
      "output directory dir: expected to write there, found: read-only file system",
    );
  });
});

describe("the real file system", () => {
  test("files appear as a whole, and nothing is left behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "starkstream-"));
    try {
      const nested = join(directory, "a", "b");
      const writer = await SessionWriter.open(nodeFileSystem, nested);
      await writer.begin(session, ID);
      await writer.segment(0, new Uint8Array(3_000_000).fill(7));
      expect((await readdir(nested)).sort()).toEqual(["segment-0000.proof", "session.json"]);
      expect((await readFile(join(nested, "segment-0000.proof"))).length).toBe(3_000_000);
      const found = await readSession(nodeFileSystem, nested);
      expect(found.proofs[0]?.length).toBe(3_000_000);
      expect(await nodeFileSystem.read(join(nested, "segment-0000.proof"), 10)).toEqual(
        new Uint8Array(10).fill(7),
      );

      await writeFile(join(directory, "file"), "");
      await expect(SessionWriter.open(nodeFileSystem, join(directory, "file", "out"))).rejects.toThrow(
        InputError,
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
