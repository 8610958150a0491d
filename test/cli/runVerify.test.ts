import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TextLineStream } from "../../src/streams/mod.ts";
import { ROOT } from "../importGraph.ts";
import { runEvents, scratchDirectory, starkstream, writeTinyModel } from "./cli.ts";

const { path, remove } = scratchDirectory();
/** Three letters and what goes before them: 5 prompt tokens; 12 rows, so a full, a full and half a segment. */
const RUN = ["--prompt", "abc", "--tokens", "6", "--segment", "4"];
let events: Record<string, unknown>[] = [];
let modelId = "";

beforeAll(async () => {
  await writeTinyModel(path("tiny.stkm"));
  events = await runEvents(["--model", path("tiny.stkm"), ...RUN, "--out", path("out"), "--no-final"]);
  modelId = events[0]?.modelId as string;
}, 60_000);
afterAll(remove);

const of = (type: string) => events.filter((event) => event.type === type);

describe("run --json", () => {
  test("one event per line: start, token, segment, done", () => {
    expect(events[0]).toMatchObject({
      type: "start",
      capacity: 32,
      logSegment: 2,
      tokens: 6,
      promptText: "abc",
    });
    expect(events.at(-1)).toMatchObject({ type: "done", modelId });
    const tokens = of("token");
    expect(tokens.map(({ position }) => position)).toEqual(tokens.map((_, i) => 5 + i));
    for (const token of tokens) expect(Object.keys(token)).toEqual(["type", "position", "id", "text"]);
    const segments = of("segment");
    for (const [i, segment] of segments.entries()) {
      const fields = ["type", "index", "tokens", "proofBytes", "proveMs", "rows", "cells"];
      expect(Object.keys(segment)).toEqual(fields);
      expect(segment.index).toBe(i);
    }
    expect(events.at(-1)).toMatchObject({ tokens: tokens.length, segments: segments.length });
    expect(segments.length).toBeGreaterThanOrEqual(2);
    expect(events.at(-1)?.security).toBeGreaterThanOrEqual(128);
    expect(modelId).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the directory has session.json and one proof per segment", () => {
    const proofs = of("segment").map((_, i) => `segment-000${i}.proof`);
    expect(readdirSync(path("out")).sort()).toEqual([...proofs, "session.json"]);
    for (const [i, segment] of of("segment").entries())
      expect(Bun.file(path(`out/segment-000${i}.proof`)).size).toBe(segment.proofBytes as number);
  });
});

describe("verify", () => {
  /** A copy of the run's directory, changed. */
  async function changed(change: (directory: string) => unknown): Promise<string> {
    const directory = path(`copy-${Math.random().toString(36).slice(2)}`);
    cpSync(path("out"), directory, { recursive: true });
    await change(directory);
    return directory;
  }
  const bytesOf = (file: string) => Bun.file(file).bytes();
  const setJson = async (directory: string, fields: object) => {
    const file = `${directory}/session.json`;
    await Bun.write(file, JSON.stringify({ ...(await Bun.file(file).json()), ...fields }));
  };

  test("accepts the run: exit code 0", async () => {
    const { code, stdout, stderr } = await starkstream(["verify", path("out")]);
    expect(stderr).toBe("");
    expect(stdout).toStartWith(
      `valid: ${of("segment").length} segments, 5 prompt and ${of("token").length} generated`,
    );
    expect(stdout).toContain(modelId);
    expect(code).toBe(0);
  });

  test("accepts the run under its model id, in either case", async () => {
    for (const id of [modelId, modelId.toUpperCase()]) {
      expect((await starkstream(["verify", path("out"), "--model-id", id])).code).toBe(0);
    }
  });

  test("--json gives one line with the tokens", async () => {
    const { stdout } = await starkstream(["verify", path("out"), "--json"]);
    const verdict = JSON.parse(stdout);
    expect(verdict).toMatchObject({ type: "verdict", ok: true, modelId, promptLength: 5 });
    expect(verdict.tokens.slice(5)).toEqual(of("token").map(({ id }) => id));
  });

  test("accepts what a run that broke off has proven", async () => {
    const directory = await changed(async (at) => {
      await setJson(at, { segments: null });
      rmSync(`${at}/segment-0001.proof`);
      if (of("segment").length > 2) rmSync(`${at}/segment-0002.proof`);
    });
    const { code, stdout } = await starkstream(["verify", directory]);
    expect(stdout).toContain("did not finish");
    expect(code).toBe(0);
  });

  const rejected: [string, (directory: string) => unknown, RegExp][] = [
    [
      "a flipped bit",
      async (at) => {
        const bytes = await bytesOf(`${at}/segment-0001.proof`);
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] as number) ^ 1;
        await Bun.write(`${at}/segment-0001.proof`, bytes);
      },
      /^rejected: segment 1: [^:]+: ./,
    ],
    [
      "a truncated proof",
      async (at) => {
        await Bun.write(
          `${at}/segment-0000.proof`,
          (await bytesOf(`${at}/segment-0000.proof`)).subarray(0, 4000),
        );
      },
      /^rejected: segment 0: [^:]+: ./,
    ],
    [
      "an empty proof",
      (at) => Bun.write(`${at}/segment-0001.proof`, ""),
      /^rejected: segment 1: proof format: expected/,
    ],
    [
      "a missing first proof",
      (at) => rmSync(`${at}/segment-0000.proof`),
      /^rejected: segment 0: files: expected segment-0000\.proof/,
    ],
    [
      "a missing last proof",
      (at) => rmSync(`${at}/segment-000${of("segment").length - 1}.proof`),
      /^rejected: segment \d: files: expected \d proofs, found \d/,
    ],
    [
      "a proof twice",
      (at) => cpSync(`${at}/segment-0000.proof`, `${at}/segment-0001.proof`),
      /^rejected: segment 1: incoming boundary: ./,
    ],
    ["another prompt length", (at) => setJson(at, { promptLength: 6 }), /^rejected: segment 0: ./],
    ["another segment size", (at) => setJson(at, { logSegment: 3 }), /^rejected: segment 0: ./],
    [
      "another model's id in session.json",
      (at) => setJson(at, { modelId: "00".repeat(32) }),
      /^rejected: session: model id in session\.json: expected [0-9a-f]{64}, found 0{64}/,
    ],
    [
      "other weights",
      (at) => setJson(at, { fixed: { root: "11".repeat(32), value: [1, 2, 3, 4, 5] } }),
      /^rejected: /,
    ],
  ];
  for (const [name, change, message] of rejected) {
    test(`rejects ${name}: exit code 1`, async () => {
      const { code, stdout, stderr } = await starkstream(["verify", await changed(change)]);
      expect(stdout).toMatch(message);
      expect(stderr).toBe("");
      expect(code).toBe(1);
    });
  }

  test("rejects another model id than the pinned one", async () => {
    const { code, stdout } = await starkstream(["verify", path("out"), "--model-id", "ab".repeat(32)]);
    expect(stdout).toStartWith("rejected: session: model id: expected abab");
    expect(code).toBe(1);
  });

  test("--json says what was rejected", async () => {
    const directory = await changed((at) => rmSync(`${at}/segment-0000.proof`));
    const { code, stdout } = await starkstream(["verify", directory, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ type: "verdict", ok: false, segment: 0, check: "files" });
    expect(code).toBe(1);
  });

  const unreadable: [string, (directory: string) => unknown, RegExp][] = [
    ["no session.json", (at) => rmSync(`${at}/session.json`), /session\.json: expected a readable file/],
    ["no JSON", (at) => Bun.write(`${at}/session.json`, "{"), /session\.json: expected JSON/],
    [
      "an unknown profile",
      (at) => setJson(at, { profile: "toy" }),
      /profile: expected starkstream-1, starkstream-large-1, found "toy"/,
    ],
    [
      "no proofs",
      (at) => {
        for (const name of readdirSync(at)) if (name.endsWith(".proof")) rmSync(`${at}/${name}`);
      },
      /expected segment-0000\.proof, found no proof/,
    ],
  ];
  for (const [name, change, message] of unreadable) {
    test(`cannot read ${name}: exit code 2`, async () => {
      const { code, stdout, stderr } = await starkstream(["verify", await changed(change)]);
      expect(stderr).toMatch(message);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    });
  }
});

describe("run", () => {
  test("a run that is killed leaves what it has proven, and that verifies", async () => {
    const out = path("killed");
    const command = [
      process.execPath,
      join(ROOT, "src/cli/main.ts"),
      "run",
      "--json",
      "--segment",
      "4",
      "--out",
      out,
    ];
    const child = Bun.spawn([...command, "--model", path("tiny.stkm"), "--prompt", "abc", "--tokens", "28"], {
      stdout: "pipe",
      stderr: "ignore",
    });
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) if (JSON.parse(line).type === "segment") break;
    child.kill("SIGKILL");
    await child.exited;
    const { code, stdout } = await starkstream(["verify", out]);
    expect(stdout).toMatch(/^valid: [1-7] segments?/);
    expect(stdout).toContain("did not finish");
    expect(code).toBe(0);
  }, 60_000);

  test("a reader that goes away ends it quietly", async () => {
    const command = `"${process.execPath}" "${join(ROOT, "src/cli/main.ts")}" run --model "${path("tiny.stkm")}" --prompt abc --tokens 6 --segment 4 --json | head -n 1`;
    const child = Bun.spawn(["sh", "-c", command], { stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(JSON.parse(stdout).type).toBe("start");
    expect(stderr).toBe("");
  }, 60_000);

  test("text on stdout, progress and summary on stderr", async () => {
    const args = ["run", "--model", path("tiny.stkm"), ...RUN];
    const { code, stdout, stderr } = await starkstream(args);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `abc${of("token")
        .map(({ text }) => text)
        .join("")}\n`,
    );
    expect(stderr).toContain(`model ${modelId}`);
    expect(stderr).toMatch(/segment 0: 4 tokens, \d+ cells, proof [\d.]+ KiB, [\d.]+ s/);
    expect(stderr).toMatch(/security {4}128(\.\d+)? bits/);
    expect(stderr).toContain("not kept");
    // no terminal, no live line
    expect(stderr).not.toContain("\x1b");
  }, 60_000);
});

describe("help, version, security", () => {
  test("--help", async () => {
    for (const args of [["--help"], ["-h"], ["run", "--help"]]) {
      const { code, stdout } = await starkstream(args);
      expect(stdout).toContain("starkstream verify DIR [--final-only] [--model-id HEX] [--fold-id HEX]");
      expect(code).toBe(0);
    }
  });

  test("no command: the help on stderr, exit code 2", async () => {
    const { code, stdout, stderr } = await starkstream([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("usage:");
  });

  test("--version", async () => {
    expect((await starkstream(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("security: a table of at least 128 bits", async () => {
    const { code, stdout } = await starkstream(["security"]);
    expect(code).toBe(0);
    const bits = /least: ([\d.]+) bits\n$/.exec(stdout)?.[1];
    expect(Number(bits)).toBeGreaterThanOrEqual(128);
    const json = JSON.parse((await starkstream(["security", "--json"])).stdout);
    expect(json.bits).toBeGreaterThanOrEqual(128);
  });
});
