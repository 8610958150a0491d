import { parseArgs, type ParseArgsConfig } from "node:util";
import { expected, InputError, messageOf } from "../session/inputError.ts";
import { isHex } from "../session/hex.ts";
import { DEFAULT_REQUEST, logSegmentOf } from "../session/planSession.ts";

export interface RunOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly prompt: string;
  readonly tokens: number;
  readonly segment: number;
  readonly out?: string;
  readonly json: boolean;
}

export interface VerifyOptions {
  readonly directory: string;
  readonly modelId?: string;
  readonly json: boolean;
}

export interface SecurityOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly segment: number;
  readonly json: boolean;
}

const MODEL_FLAGS = { model: { type: "string" }, tokenizer: { type: "string" } } as const;

/** @throws InputError, as the other two */
export function parseRun(args: readonly string[]): RunOptions {
  const { values } = parse("run", args, 0, {
    ...MODEL_FLAGS,
    prompt: { type: "string" },
    tokens: { type: "string" },
    segment: { type: "string" },
    out: { type: "string" },
    json: { type: "boolean" },
  });
  const files = modelFiles(values);
  const prompt = values.prompt ?? DEFAULT_REQUEST.prompt;
  if (prompt === "") throw expected("--prompt", "some text", "none");
  const tokens = count("--tokens", values.tokens, DEFAULT_REQUEST.tokens);
  if (values.out === "") throw expected("--out", "a directory", "none");
  const segment = segmentSize(values.segment);
  return { ...files, prompt, tokens, segment, out: values.out, json: values.json ?? false };
}

export function parseVerify(args: readonly string[]): VerifyOptions {
  const { values, positionals } = parse("verify", args, 1, {
    "model-id": { type: "string" },
    json: { type: "boolean" },
  });
  const directory = positionals[0];
  if (!directory) throw expected("verify", "a directory", "none");
  const modelId = values["model-id"];
  if (modelId !== undefined && !isHex(modelId, 32))
    throw expected("--model-id", "64 hexadecimal digits", JSON.stringify(modelId));
  return { directory, modelId: modelId?.toLowerCase(), json: values.json ?? false };
}

export function parseSecurity(args: readonly string[]): SecurityOptions {
  const { values } = parse("security", args, 0, {
    ...MODEL_FLAGS,
    segment: { type: "string" },
    json: { type: "boolean" },
  });
  return { ...modelFiles(values), segment: segmentSize(values.segment), json: values.json ?? false };
}

type Flags = NonNullable<ParseArgsConfig["options"]>;

function parse<F extends Flags>(command: string, args: readonly string[], positionals: number, options: F) {
  let parsed: ReturnType<
    typeof parseArgs<{ args: string[]; options: F; allowPositionals: true; strict: true }>
  >;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // "Unknown option '--x'. To specify …": its first sentence says it all
    const [sentence] = messageOf(error).split(". ") as [string];
    throw new InputError(`${command}: ${sentence}; see starkstream --help`);
  }
  const extra = parsed.positionals[positionals];
  if (extra !== undefined)
    throw new InputError(`${command}: expected no argument ${JSON.stringify(extra)}, found one`);
  return parsed;
}

/** A quantized model file has its tokenizer in it; a checkpoint has not, as its loader says. */
function modelFiles({ model, tokenizer }: { model?: string; tokenizer?: string }) {
  if (model === "") throw expected("--model", "a file", "none");
  if (tokenizer === "") throw expected("--tokenizer", "a file", "none");
  if (tokenizer !== undefined && model === undefined)
    throw expected("--tokenizer", "--model with it", "none");
  return { model, tokenizer };
}

function count(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) < 1)
    throw expected(flag, "an integer, at least 1", JSON.stringify(text));
  return Number(text);
}

function segmentSize(text: string | undefined): number {
  const segment = count("--segment", text, DEFAULT_REQUEST.segment);
  logSegmentOf(segment);
  return segment;
}
