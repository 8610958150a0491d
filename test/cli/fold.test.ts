import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { killedAt, runEvents, scratchDirectory, starkstream, writeTinyModel } from "./cli.ts";

const { path, remove } = scratchDirectory();
let events: Record<string, unknown>[] = [];
let foldId = "";

// one segment of one token, so one step
beforeAll(async () => {
  await writeTinyModel(path("tiny.stkm"));
  const run = ["--model", path("tiny.stkm"), "--prompt", "a", "--tokens", "1", "--segment", "4"];
  events = await runEvents([...run, "--out", path("out")]);
  foldId = events.at(-1)?.foldId as string;
}, 240_000);
afterAll(remove);

/** A copy of the run's directory, changed. */
async function changed(change: (directory: string) => unknown): Promise<string> {
  const directory = path(`copy-${Math.random().toString(36).slice(2)}`);
  cpSync(path("out"), directory, { recursive: true });
  await change(directory);
  return directory;
}

async function setJson(file: string, fields: object): Promise<void> {
  await Bun.write(file, JSON.stringify({ ...(await Bun.file(file).json()), ...fields }));
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await Bun.file(file).bytes();
  bytes[at] ^= 1;
  await Bun.write(file, bytes);
}

describe("run", () => {
  test("ends with a final proof", () => {
    // folding goes on beside the run
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => ["folding", "fold", "final"].includes(type as string))).toEqual([
      "folding",
      "fold",
      "final",
    ]);
    expect(types.at(-1)).toBe("final");
    const of = (wanted: string) => events.find(({ type }) => type === wanted) as Record<string, unknown>;
    const final = of("final");
    expect(Object.keys(of("folding"))).toEqual(["type", "foldId"]);
    expect(Object.keys(of("fold"))).toEqual(["type", "level", "index", "proofBytes", "foldMs"]);
    expect(final).toMatchObject({ segments: 1, tokens: 4, security: 128, chainSecurity: 127, foldId });
    expect(readdirSync(path("out")).sort()).toEqual([
      "final.proof",
      "fold.json",
      "segment-0000.proof",
      "session.json",
    ]);
    expect(Bun.file(path("out/final.proof")).size).toBe(final.proofBytes as number);
  });
});

describe("verify --final-only", () => {
  const finalOnly = (directory: string, ...args: string[]) =>
    starkstream(["verify", directory, "--final-only", ...args]);

  test("accepts the final proof, without any segment", async () => {
    const directory = await changed((at) => rmSync(`${at}/segment-0000.proof`));
    const { code, stdout, stderr } = await finalOnly(directory, "--fold-id", foldId.toUpperCase());
    expect(stdout).toStartWith("valid: a final proof of 3 prompt and 1 generated tokens");
    expect(stdout).not.toContain("own word");
    expect([code, stderr]).toEqual([0, ""]);
    const unpinned = await finalOnly(directory);
    expect(unpinned.stdout).toContain("pin it with --fold-id");
    const verdict = JSON.parse((await finalOnly(directory, "--json")).stdout);
    const generated = events.filter(({ type }) => type === "token").map(({ id }) => id);
    expect(verdict).toMatchObject({ type: "verdict", ok: true, foldId, promptLength: 3 });
    expect(verdict.tokens.slice(3)).toEqual(generated);
  });

  const rejected: [string, (directory: string) => unknown, RegExp][] = [
    ["a changed proof", (at) => flip(`${at}/final.proof`, 200_000), /^rejected: session: ./],
    [
      "a changed boundary",
      (at) => flip(`${at}/final.proof`, 44),
      /^rejected: session: final\/token digest: ./,
    ],
    [
      "an empty proof",
      (at) => Bun.write(`${at}/final.proof`, ""),
      /^rejected: session: final proof format: ./,
    ],
    [
      "other tokens",
      (at) => setJson(`${at}/fold.json`, { tokens: [1, 3, 5] }),
      /^rejected: session: final\/token digest: ./,
    ],
    [
      "fewer tokens",
      (at) => setJson(`${at}/fold.json`, { tokens: [1, 3] }),
      /^rejected: session: final\/position: expected 2, found 3/,
    ],
    [
      "another prompt length",
      (at) => setJson(`${at}/session.json`, { promptLength: 2 }),
      /^rejected: session: ./,
    ],
    [
      "another key",
      (at) => setJson(`${at}/fold.json`, { key: { root: "11".repeat(32), value: [1, 2, 3, 4, 5] } }),
      /^rejected: session: fold id in fold\.json: ./,
    ],
  ];
  for (const [name, change, message] of rejected) {
    test(`rejects ${name}: exit code 1`, async () => {
      const { code, stdout, stderr } = await finalOnly(await changed(change));
      expect(stdout).toMatch(message);
      expect([code, stderr]).toEqual([1, ""]);
    });
  }

  test("rejects another fold id or model id than the pinned one", async () => {
    for (const [flag, name] of [
      ["--fold-id", "fold id"],
      ["--model-id", "model id"],
    ]) {
      const { code, stdout } = await finalOnly(path("out"), flag, "ab".repeat(32));
      expect(stdout).toStartWith(`rejected: session: ${name}: expected abab`);
      expect(code).toBe(1);
    }
  });
});

describe("verify", () => {
  test("also verifies the final proof, of the segments' own tokens", async () => {
    const right = await starkstream(["verify", path("out"), "--fold-id", foldId]);
    expect(right.stdout).toStartWith("valid: 1 segment, 3 prompt and 1 generated tokens, and a final proof");
    expect(right.code).toBe(0);
    const broken = await changed((at) => flip(`${at}/final.proof`, 200_000));
    expect((await starkstream(["verify", broken])).code).toBe(1);
    const other = await changed((at) => setJson(`${at}/fold.json`, { tokens: [1, 3, 5] }));
    expect((await starkstream(["verify", other])).stdout).toStartWith(
      "rejected: session: tokens in fold.json:",
    );
  });
});

describe("fold", () => {
  test("rejects a segment that does not verify: exit code 1, one line", async () => {
    const directory = await changed((at) => flip(`${at}/segment-0000.proof`, 100_000));
    const { code, stdout, stderr } = await starkstream(["fold", directory]);
    expect(stderr).toMatch(/^starkstream: rejected: segment 0: .*\n$/);
    expect([code, stdout]).toEqual([1, ""]);
  });

  test("a missing segment is named", async () => {
    const directory = await changed((at) => setJson(`${at}/session.json`, { segments: 2 }));
    const { code, stderr } = await starkstream(["fold", directory]);
    expect(stderr).toBe("starkstream: rejected: segment 1: files: expected 2 proofs, found 1\n");
    expect(code).toBe(1);
  });

  test("a run that was killed is folded from its last step on", async () => {
    const run = ["--model", path("tiny.stkm"), "--prompt", "abcabca", "--tokens", "1", "--segment", "4"];
    await killedAt("fold", [...run, "--out", path("killed")]);
    expect(readdirSync(path("killed"))).toContain("fold-0000.proof");
    const { code, stdout } = await starkstream(["fold", path("killed"), "--json"]);
    expect(code).toBe(0);
    const steps = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(steps.map(({ type, index }) => [type, index])).toEqual([
      ["folding", undefined],
      ["fold", 1],
      ["fold", 2],
      ["final", undefined],
    ]);
    const verdict = await starkstream(["verify", path("killed"), "--fold-id", steps[0].foldId]);
    expect(verdict.stdout).toStartWith(
      "valid: 3 segments, 9 prompt and 1 generated tokens, and a final proof",
    );
  }, 240_000);
});
