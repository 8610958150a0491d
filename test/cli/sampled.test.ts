import { afterAll, beforeAll, expect, test } from "bun:test";
import { runEvents, scratchDirectory, starkstream, writeTinyModel } from "./cli.ts";

const { path, remove } = scratchDirectory();
const SAMPLER = ["--temperature", "60", "--min-p", "0.1", "--seed", "3"];
const run = (...args: string[]) => [
  ...["--model", path("tiny.stkm"), "--prompt", "abc", "--tokens", "6", "--segment", "4"],
  ...args,
];
const tokensOf = (events: readonly Record<string, unknown>[]) =>
  events.filter(({ type }) => type === "token").map(({ id }) => id);
let tokens: unknown[];

beforeAll(async () => {
  await writeTinyModel(path("tiny.stkm"));
  tokens = tokensOf(await runEvents(run(...SAMPLER, "--out", path("out"), "--no-final")));
}, 60_000);
afterAll(remove);

test("the same seed gives the same text, another seed another", async () => {
  expect(tokensOf(await runEvents(run(...SAMPLER)))).toEqual(tokens);
  expect(tokensOf(await runEvents(run(...SAMPLER.slice(0, -1), "4")))).not.toEqual(tokens);
}, 60_000);

test("verify accepts the run, says how it was sampled, and that this is the session's own word", async () => {
  const { code, stdout } = await starkstream(["verify", path("out")]);
  expect(stdout).toContain("sampler  temperature 60, min-p 0.1, seed 3\n");
  expect(stdout).toContain("pin it with --temperature, --min-p and --seed");
  expect(code).toBe(0);
  const pinned = await starkstream(["verify", path("out"), ...SAMPLER]);
  expect(pinned.stdout).not.toContain("pin it with --temperature");
  expect(pinned.code).toBe(0);
  const json = JSON.parse((await starkstream(["verify", path("out"), "--json"])).stdout);
  expect(json).toMatchObject({ ok: true, sampler: { temperature: 60, minP: 0.1, seed: 3 } });
}, 60_000);

test("run shows how to verify it with everything pinned", async () => {
  const { stderr } = await starkstream(["run", ...run(...SAMPLER, "--out", path("shown"), "--no-final")]);
  const shown = stderr.match(/verify {6}starkstream (verify .*)/)?.[1]?.split(" ") ?? [];
  const { code, stdout } = await starkstream(shown);
  expect(stdout).toContain("valid");
  expect(stdout).not.toContain("own word");
  expect(code).toBe(0);
}, 60_000);

test("security: at least 128 bits", async () => {
  const { code, stdout } = await starkstream(["security", "--temperature", "0.8", "--json"]);
  expect(JSON.parse(stdout).bits).toBeGreaterThanOrEqual(128);
  expect(code).toBe(0);
});

test("verify refuses it under another sampler, and under one that session.json claims", async () => {
  for (const [flag, value] of [
    ["--temperature", "61"],
    ["--min-p", "0.2"],
    ["--seed", "4"],
  ]) {
    const { code, stdout } = await starkstream(["verify", path("out"), flag, value]);
    expect(stdout).toMatch(
      /^rejected: session: sampler: expected .*, found temperature 60, min-p 0.1, seed 3/,
    );
    expect(code).toBe(1);
  }
  const file = path("out/session.json");
  const honest = await Bun.file(file).json();
  for (const change of [{ temperature: 61 }, { seed: 4 }, { logitScale: 2 ** 21 }]) {
    await Bun.write(file, JSON.stringify({ ...honest, sampler: { ...honest.sampler, ...change } }));
    const { code, stdout } = await starkstream(["verify", path("out")]);
    expect(stdout).toMatch(/^rejected: segment 0/);
    expect(code).toBe(1);
  }
  for (const sampler of [null, {}, { ...honest.sampler, seed: "3" }, { ...honest.sampler, minP: 0 }]) {
    await Bun.write(file, JSON.stringify({ ...honest, sampler }));
    const { code, stderr } = await starkstream(["verify", path("out")]);
    expect(stderr).toMatch(/^starkstream: session.json: /);
    expect(code).toBe(2);
  }
}, 120_000);
