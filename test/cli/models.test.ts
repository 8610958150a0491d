import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { vectorPath } from "../model/formats/vectorFolder.ts";
import { tinyCheckpoint, tinyTokenizer } from "../model/checkpoint.ts";
import { runEvents, scratchDirectory, starkstream } from "./cli.ts";

const { path, remove } = scratchDirectory();
afterAll(remove);
process.env.STARKSTREAM_CACHE = path("cache");

const models = (...args: string[]) => starkstream(["models", ...args]);

describe("starkstream models", () => {
  test("adds, lists, inspects, quantizes, runs and removes a GGUF model", async () => {
    expect(await models("list")).toEqual({ code: 0, stdout: "", stderr: `no models in ${path("cache")}\n` });
    expect((await models("add", vectorPath("smollm/model.gguf"), "--name", "smol")).code).toBe(0);
    expect((await models("inspect", "SMOL")).code).toBe(0);
    expect((await models("list")).stdout).toMatch(/^smol: gguf, 0\.0 MiB, licence unknown\n$/);

    const facts = JSON.parse((await models("inspect", "smol", "--json")).stdout);
    expect(facts).toMatchObject({ dim: 32, layers: 2, vocab: 32, positions: "rotary", tied: true });

    const { code, stdout } = await models("quantize", "smol", "--capacity", "32", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ capacity: 32 });
    expect(report.divergence).toBeLessThan(0.01);
    expect(report.agreement).toBeGreaterThan(0.8);
    expect(Math.max(...report.errors.wq)).toBeLessThan(0.01);
    expect((await models("list")).stdout).toContain("quantized for 32 positions");

    const events = await runEvents([
      "--model",
      "smol",
      "--prompt",
      "abcd",
      "--tokens",
      "4",
      "--segment",
      "8",
    ]);
    expect(events.map(({ type }) => type)).toContain("segment");

    expect((await models("remove", "smol")).code).toBe(0);
    expect(readdirSync(path("cache/models"))).toEqual([]);
  }, 120_000);

  test.each([
    ["qwen2", ["wq", "wk", "wv", "wo", "gate", "up", "down", "head", "embedding"]],
    ["gpt2", ["wq", "wk", "wv", "wo", "gate", "down", "head", "embedding", "positions"]],
  ])(
    "quantizes, runs and verifies %s",
    async (name, matrices) => {
      const { stdout } = await models("quantize", vectorPath(name), "--json");
      const report = JSON.parse(stdout);
      expect(Object.keys(report.errors).sort()).toEqual(matrices.sort());
      expect(report.divergence).toBeLessThan(1e-3);
      expect(report.agreement).toBeGreaterThan(0.95);
      const run = ["--model", vectorPath(name), "--prompt", "abcd", "--tokens", "4", "--segment", "8"];
      await runEvents([...run, "--out", path(name), "--no-final"]);
      const verdict = await starkstream(["verify", path(name), "--json"]);
      expect(JSON.parse(verdict.stdout)).toMatchObject({ type: "verdict", ok: true });
    },
    120_000,
  );

  test("puts a chat template around what a user says", async () => {
    const folder = path("chat");
    cpSync(vectorPath("smollm"), folder, { recursive: true });
    await Bun.write(join(folder, "chat_template.jinja"), "a{{ messages[0]['content'] }}d");
    const run = ["--model", folder, "--prompt", "bc", "--tokens", "1", "--segment", "8"];
    const promptTexts = async (flags: string[]) =>
      (await runEvents([...run, ...flags])).flatMap((event) => event.promptText ?? []);
    expect(await promptTexts([])).toEqual(["bc"]);
    expect(await promptTexts(["--chat"])).toEqual(["abcd"]);
  }, 120_000);

  test("adds a directory and a llama2.c checkpoint", async () => {
    expect((await models("add", vectorPath("llama3"))).code).toBe(0);
    await Bun.write(path("tiny.bin"), tinyCheckpoint());
    await Bun.write(path("tiny.tok"), tinyTokenizer());
    expect((await models("add", path("tiny.bin"), "--tokenizer", path("tiny.tok"))).code).toBe(0);
    expect((await models("list")).stdout).toMatch(/^llama3: hub.*\ntiny: llama2c/);
    expect((await models("inspect", "tiny")).stdout).toContain("layers        2\n");
    const { stdout } = await models("quantize", "tiny");
    expect(stdout).toMatch(/^wq +weights changed by 0\.\d+ %, at most/m);
    expect(stdout).toMatch(/^perplexity \d+\.\d+ float, \d+\.\d+ integer \([+-]\d\.\d+ %\), on \d+ tokens$/m);
  }, 60_000);

  test.each([
    [["pull", "gpt-5"], 'models pull: expected smollm2-135m-instruct, found "gpt-5"'],
    [["remove", "gpt-5"], "models remove: expected a model in the store"],
    [["inspect", "gpt-5"], "model: expected a file, or a model in the store"],
    [["add", "/nowhere"], "/nowhere: "],
    [["add", vectorPath("smollm/model.gguf"), "--name", "../x"], "name: expected lower-case letters"],
    [["add", vectorPath("blocks.json")], "tokenizer: expected a file"],
    [["fly"], "models: expected pull, add, list, inspect, quantize or remove"],
  ])("%j says what is wrong", async (args, message) => {
    const { code, stderr } = await models(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim()).not.toContain("\n");
  });

  test("leaves nothing where adding failed", () => {
    expect(existsSync(path("cache/models/x"))).toBe(false);
  });
});
