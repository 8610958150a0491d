import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
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

  test("commits to a model, keeps the commitment, and proves with it", async () => {
    const [model, kept] = [vectorPath("smollm/model.gguf"), path("cache/models/kept/commitment-64.stkc")];
    await models("add", model, "--name", "kept");
    const run = ["--model", "kept", "--prompt", "abcd", "--tokens", "4", "--segment", "8"];
    const idOf = async (flags: string[]) => (await runEvents([...run, ...flags]))[0].modelId;

    const report = JSON.parse((await models("commit", "kept", "--json")).stdout);
    expect(report.bytes).toBe(statSync(kept).size);
    expect(Object.keys(report.seconds)).toEqual(["load", "commit", "keep"]);
    for (const { found, limit } of report.bounds) expect(found).toBeLessThan(limit);
    expect(report.bounds.map(({ what }: { what: string }) => what)).toContain("|acc| of down");
    expect(readdirSync(path("cache/models/kept")).sort()).toEqual([
      "card.json",
      "commitment-64.stkc",
      "quantized-64.stkm",
      "source",
    ]);

    // whatever T is, and with the kept commitment as without
    expect(await idOf(["--segment", "4"])).toBe(report.modelId);
    expect(await idOf(["--temperature", "0.7"])).toBe(report.sampledId);
    expect(report.sampledId).not.toBe(report.modelId);
    expect((await models("list")).stdout).toContain("quantized for 64 positions, committed for 64 (");
    const facts = JSON.parse((await models("inspect", "kept", "--json")).stdout);
    expect(facts).toMatchObject({ quantized: [64], committed: [64], roots: [report.root] });
    renameSync(kept, `${kept}.away`);
    expect(await idOf([])).toBe(report.modelId);
    renameSync(`${kept}.away`, kept);

    // a file that is damaged is refused: when it is read, or when what is damaged is opened
    const bytes = readFileSync(kept);
    bytes[24] ^= 1;
    writeFileSync(kept, bytes);
    const refused = await starkstream(["run", ...run]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      "commitment-64.stkc: expected leaves that lead to the root, found others",
    );
    bytes[24] ^= 1;
    writeFileSync(kept, bytes.fill(0, bytes.length - report.bytes / 4));
    expect((await starkstream(["run", ...run])).stderr).toMatch(
      /segment 0: .*row \d+ to have the digest of its leaf/,
    );

    // text, of the file itself
    const { stdout } = await models("commit", model);
    expect(stdout).toContain(
      `model id    ${report.modelId}\nif sampled  ${report.sampledId}\nroot        ${report.root}\n`,
    );
    expect(stdout).toContain("kept        no: the model is not in the store\n");
    expect(stdout).toMatch(/^ {2}\|acc\| of down +\d+ of +536870912 +\d+\.\d % {2}layer [01]$/m);

    // written anew; gone with the integer model that it was of, and with the model
    expect((await models("commit", "kept")).stdout).toContain(`root        ${report.root}\n`);
    expect(await idOf([])).toBe(report.modelId);
    await models("quantize", "kept");
    expect(existsSync(kept)).toBe(false);
    await models("commit", "kept");
    await models("remove", "kept");
    expect(existsSync(path("cache/models/kept"))).toBe(false);
  }, 240_000);

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
    [["commit"], "models commit: expected a file, or a model in the store, found none"],
    [["commit", "gpt-5"], "--model gpt-5: expected a readable file, or a model of"],
    [["fly"], "models: expected pull, add, list, inspect, quantize, commit or remove"],
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
