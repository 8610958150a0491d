import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { serializeTokenizer } from "../../src/model/tokenizerFile.ts";
import { tinyCheckpoint, tinyTokenizer as checkpointTokenizer } from "../model/checkpoint.ts";
import { tinyTokenizer } from "../session/tinyTokenizer.ts";
import { scratchDirectory, starkstream, writeTinyModel } from "./cli.ts";

const { path, remove } = scratchDirectory();

beforeAll(async () => {
  const checkpoint = tinyCheckpoint();
  await writeTinyModel(path("tiny.stkm"));
  await Bun.write(path("checkpoint.bin"), checkpoint);
  await Bun.write(path("checkpoint.tok"), checkpointTokenizer());
  await Bun.write(path("truncated.bin"), checkpoint.subarray(0, checkpoint.length - 100));
  await Bun.write(path("truncated.stkm"), (await Bun.file(path("tiny.stkm")).bytes()).subarray(0, 600));
  await Bun.write(path("empty.bin"), new Uint8Array(0));
  await Bun.write(path("noise.bin"), new Uint8Array(5000).fill(0xa5));
  await Bun.write(path("other.tok"), serializeTokenizer(tinyTokenizer(20)));
  await Bun.write(path("short.tok"), serializeTokenizer(tinyTokenizer(12)));
  await Bun.write(path("file"), "");
});
afterAll(remove);

const tiny = () => ["run", "--model", path("tiny.stkm")];
const sampled = () => [...tiny(), "--prompt", "abc", "--tokens", "6"];
const checkpoint = (weights: string, tokenizer: string) => [
  "run",
  "--model",
  path(weights),
  "--tokenizer",
  path(tokenizer),
];

/** What is wrong, the command line, and what the one line must say. */
const BAD: readonly [string, () => string[], RegExp][] = [
  [
    "missing weights",
    () => checkpoint("none.bin", "checkpoint.tok"),
    /none\.bin: expected a readable file, or a model/,
  ],
  ["truncated weights", () => checkpoint("truncated.bin", "checkpoint.tok"), /expected \d+ bytes.*found \d+/],
  ["a truncated model file", () => ["run", "--model", path("truncated.stkm")], /model file: expected/],
  [
    "empty weights",
    () => checkpoint("empty.bin", "checkpoint.tok"),
    /expected a header of 28 bytes, found 0 bytes/,
  ],
  ["noise as weights", () => checkpoint("noise.bin", "checkpoint.tok"), /llama2\.c checkpoint: expected/],
  ["a directory as weights", () => checkpoint(".", "checkpoint.tok"), /expected a config.json, found none/],
  [
    "a missing tokenizer",
    () => checkpoint("checkpoint.bin", "none.tok"),
    /none\.tok: expected a readable file/,
  ],
  [
    "a checkpoint without a tokenizer",
    () => ["run", "--model", path("checkpoint.bin")],
    /tokenizer: expected a file/,
  ],
  [
    "--chat with a model without a template",
    () => [...tiny(), "--chat"],
    /--chat: expected a model with a chat template, found one without/,
  ],
  [
    "a seed without a temperature",
    () => [...tiny(), "--seed", "1"],
    /--seed: expected --temperature with it/,
  ],
  ["a min-p without a temperature", () => [...tiny(), "--min-p", "0.1"], /--min-p: expected --temperature/],
  ["temperature 0", () => [...sampled(), "--temperature", "0"], /expected temperature to be a number/],
  [
    "a temperature that is none",
    () => [...tiny(), "--temperature", "hot"],
    /--temperature: expected a number/,
  ],
  [
    "a min-p that rounding would show in",
    () => [...sampled(), "--temperature", "1", "--min-p", "0"],
    /expected minP to be a number in/,
  ],
  [
    "a seed that is no integer",
    () => [...sampled(), "--temperature", "60", "--seed", "1.5"],
    /expected seed to be an integer/,
  ],
  [
    "a tokenizer without a model",
    () => ["run", "--tokenizer", path("other.tok")],
    /expected --model with it, found none/,
  ],
  [
    "a larger model's tokenizer",
    () => checkpoint("checkpoint.bin", "other.tok"),
    /expected the file to end after 16 pieces/,
  ],
  [
    "a smaller model's tokenizer",
    () => checkpoint("checkpoint.bin", "short.tok"),
    /expected 16 pieces.*found 12/,
  ],
  ["weights as tokenizer", () => checkpoint("checkpoint.bin", "checkpoint.bin"), /tokenizer file: expected/],
  ["an empty prompt", () => [...tiny(), "--prompt", ""], /prompt: expected some text, found none/],
  [
    "a prompt longer than the context",
    () => [...tiny(), "--prompt", "a".repeat(40)],
    /prompt: expected at most 32 tokens, the model's context, found 42/,
  ],
  [
    "a prompt longer than the embedded model's context",
    () => ["run", "--prompt", "word ".repeat(400)],
    /prompt: expected at most \d+ tokens/,
  ],
  [
    "a token limit past the context",
    () => [...tiny(), "--prompt", "a", "--tokens", "31"],
    /tokens: expected at most 30 after a prompt of 3 tokens in a context of 32, found 31/,
  ],
  [
    "a token limit past the embedded model's context",
    () => ["run", "--tokens", "100000"],
    /tokens: expected at most \d+/,
  ],
  ["no tokens", () => [...tiny(), "--tokens", "0"], /--tokens: expected an integer, at least 1, found "0"/],
  [
    "a token limit that is no number",
    () => [...tiny(), "--tokens", "many"],
    /--tokens: expected an integer, at least 1, found "many"/,
  ],
  ["a negative token limit", () => [...tiny(), "--tokens=-3"], /--tokens: expected an integer/],
  [
    "a segment that is no power of two",
    () => [...tiny(), "--segment", "24"],
    /segment: expected a power of two from 4 to 256, found 24/,
  ],
  [
    "a segment that is too small",
    () => [...tiny(), "--segment", "2"],
    /segment: expected a power of two from 4 to 256, found 2/,
  ],
  [
    "a segment that is too large",
    () => [...tiny(), "--segment", "512"],
    /segment: expected a power of two from 4 to 256, found 512/,
  ],
  [
    "a segment above the context",
    () => [...tiny(), "--segment", "64", "--tokens", "4"],
    /segment: expected at most 32 rows/,
  ],
  [
    "an output directory below a file",
    () => [...tiny(), "--tokens", "4", "--out", path("file/out")],
    /output directory .*: expected to write there/,
  ],
  [
    "a file as output directory",
    () => [...tiny(), "--tokens", "4", "--out", path("file")],
    /output directory .*: expected to write there/,
  ],
  [
    "an output directory where nothing can be made",
    () => [...tiny(), "--tokens", "4", "--out", "/proc/none/out"],
    /output directory .*: expected to write there/,
  ],
  [
    "an empty output directory's name",
    () => [...tiny(), "--out", ""],
    /--out: expected a directory, found none/,
  ],
  ["an unknown flag", () => ["run", "--fast"], /run: Unknown option '--fast'/],
  ["a flag without its value", () => ["run", "--tokens"], /run: .*--tokens/],
  ["a value for a flag that has none", () => ["run", "--json=yes"], /run: .*--json/],
  ["an argument too many", () => ["run", "hello"], /run: expected no argument "hello"/],
  [
    "an unknown command",
    () => ["prove"],
    /expected run, fold, verify, serve, security, plan or models, found "prove"/,
  ],
  ["verify without a directory", () => ["verify"], /verify: expected a directory, found none/],
  ["verify with an unknown flag", () => ["verify", ".", "--fast"], /verify: Unknown option '--fast'/],
  ["verify with two directories", () => ["verify", "a", "b"], /verify: expected no argument "b"/],
  [
    "verify with a bad model id",
    () => ["verify", ".", "--model-id", "xyz"],
    /--model-id: expected 64 hexadecimal digits/,
  ],
  [
    "verify of a missing directory",
    () => ["verify", path("none")],
    /session\.json: expected a readable file/,
  ],
  [
    "verify of a directory without a session",
    () => ["verify", path(".")],
    /session\.json: expected a readable file/,
  ],
  [
    "verify with a bad fold id",
    () => ["verify", ".", "--fold-id", "xyz"],
    /--fold-id: expected 64 hexadecimal digits/,
  ],
  [
    "verify of a final proof in a missing directory",
    () => ["verify", path("none"), "--final-only"],
    /session\.json: expected a readable file/,
  ],
  ["fold without a directory", () => ["fold"], /fold: expected a directory, found none/],
  ["fold of a missing directory", () => ["fold", path("none")], /session\.json: expected a readable file/],
  ["fold with too many places", () => ["fold", ".", "--places", "5"], /--places: expected 1 to 4, found 5/],
  [
    "places of a run that is not folded",
    () => ["run", "--places", "2"],
    /--places: expected a run that is folded, found none/,
  ],
  ["fold with an unknown flag", () => ["fold", ".", "--fast"], /fold: Unknown option '--fast'/],
  ["a final proof with nowhere to go", () => [...tiny(), "--final"], /--final: expected --out with it/],
  [
    "a final proof and none",
    () => [...tiny(), "--out", path("x"), "--final", "--no-final"],
    /--final: expected no --no-final with it/,
  ],
  ["plan of half a shape", () => ["plan", "--shape", "dim=128"], /--shape: expected dim=N,hidden=N/],
  [
    "plan of a shape that cannot be proven",
    () => ["plan", "--shape", "dim=8192,hidden=1536,layers=30,heads=64,kvHeads=8,vocab=49152,capacity=256"],
    /--shape: model config: expected dim to be an integer in \[1, 4096\], found 8192/,
  ],
  ["plan with a bad segment", () => ["plan", "--segment", "5"], /segment: expected a power of two/],
  ["security with a bad segment", () => ["security", "--segment", "5"], /segment: expected a power of two/],
];

describe("bad input: one clear line on stderr, exit code 2", () => {
  for (const [name, args, message] of BAD) {
    test(name, async () => {
      const { code, stdout, stderr } = await starkstream(args());
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split("\n").length).toBe(1);
      expect(stderr).toStartWith("starkstream: ");
      expect(stdout).toBe("");
      expect(code).toBe(2);
    });
  }

  test("the output directory is not made for it where the file system refuses", () => {
    expect(existsSync("/proc/none")).toBe(false);
  });
});
