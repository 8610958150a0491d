import { parseArgs, type ParseArgsConfig } from "node:util";
import { MAX_PLACES } from "../fold/stepProtocol.ts";
import { expected, InputError, messageOf } from "../session/inputError.ts";
import { isHex } from "../session/hex.ts";
import {
  DEFAULT_REQUEST,
  DEFAULT_SAMPLING,
  logSegmentOf,
  type SamplingRequest,
} from "../session/planSession.ts";

export interface RunOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly prompt: string;
  /** Whether the prompt is what a user says, for the model's chat template. */
  readonly chat: boolean;
  readonly tokens: number;
  readonly segment: number;
  readonly sampling?: SamplingRequest;
  readonly out?: string;
  /** Whether to fold the segments into a final proof. */
  readonly final: boolean;
  /** Segments that a folding step joins. */
  readonly places: number;
  readonly json: boolean;
}

export interface FoldOptions {
  readonly directory: string;
  /** Segments that a folding step joins. */
  readonly places: number;
  readonly json: boolean;
}

export interface VerifyOptions {
  readonly directory: string;
  readonly modelId?: string;
  readonly foldId?: string;
  /** What the session's sampler must be. */
  readonly sampler: Partial<SamplingRequest>;
  readonly finalOnly: boolean;
  readonly json: boolean;
}

export interface SecurityOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly segment: number;
  readonly sampling?: SamplingRequest;
  readonly json: boolean;
}

export interface PlanOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  /** Sizes by name, in place of a model. */
  readonly shape?: Readonly<Record<string, number>>;
  /** Without it, several are compared. */
  readonly segment?: number;
  readonly json: boolean;
}

export interface ServeOptions {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  /** As it was given: the secret, or "@" and a file's name. */
  readonly tokenSecret?: string;
  readonly maxSessions?: number;
  readonly maxPerClient?: number;
  readonly fold: boolean;
}

const SAMPLER_FLAGS = {
  temperature: { type: "string" },
  "min-p": { type: "string" },
  seed: { type: "string" },
} as const;
const MODEL_FLAGS = { model: { type: "string" }, tokenizer: { type: "string" } } as const;

/** @throws InputError, as the others */
export function parseRun(args: readonly string[]): RunOptions {
  const { values } = parse("run", args, 0, {
    ...MODEL_FLAGS,
    prompt: { type: "string" },
    chat: { type: "boolean" },
    tokens: { type: "string" },
    segment: { type: "string" },
    ...SAMPLER_FLAGS,
    out: { type: "string" },
    final: { type: "boolean" },
    "no-final": { type: "boolean" },
    places: { type: "string" },
    json: { type: "boolean" },
  });
  const files = modelFiles(values);
  const prompt = values.prompt ?? DEFAULT_REQUEST.prompt;
  if (prompt === "") throw expected("--prompt", "some text", "none");
  const tokens = count("--tokens", values.tokens, DEFAULT_REQUEST.tokens);
  if (values.out === "") throw expected("--out", "a directory", "none");
  const segment = segmentSize(values.segment);
  const sampling = samplingRequest(values);
  const { chat = false, out, final: isAsked, "no-final": isRefused, json = false } = values;
  if (isAsked && isRefused) throw expected("--final", "no --no-final with it", "one");
  if (isAsked && out === undefined) throw expected("--final", "--out with it", "none");
  // without a directory nothing is kept
  const final = out !== undefined && !isRefused;
  if (!final && values.places !== undefined) throw expected("--places", "a run that is folded", "none");
  const places = placesOf(values.places);
  return { ...files, prompt, chat, tokens, segment, sampling, out, final, places, json };
}

export function parseFold(args: readonly string[]): FoldOptions {
  const { values, positionals } = parse("fold", args, 1, {
    places: { type: "string" },
    json: { type: "boolean" },
  });
  const directory = positionals[0];
  if (!directory) throw expected("fold", "a directory", "none");
  return { directory, places: placesOf(values.places), json: values.json ?? false };
}

function placesOf(text: string | undefined): number {
  const places = count("--places", text, 1);
  if (places > MAX_PLACES) throw expected("--places", `1 to ${MAX_PLACES}`, String(places));
  return places;
}

export function parseVerify(args: readonly string[]): VerifyOptions {
  const { values, positionals } = parse("verify", args, 1, {
    "model-id": { type: "string" },
    "fold-id": { type: "string" },
    ...SAMPLER_FLAGS,
    "final-only": { type: "boolean" },
    json: { type: "boolean" },
  });
  const directory = positionals[0];
  if (!directory) throw expected("verify", "a directory", "none");
  return {
    directory,
    modelId: digest("--model-id", values["model-id"]),
    foldId: digest("--fold-id", values["fold-id"]),
    sampler: samplerFlags(values),
    finalOnly: values["final-only"] ?? false,
    json: values.json ?? false,
  };
}

export function parseSecurity(args: readonly string[]): SecurityOptions {
  const { values } = parse("security", args, 0, {
    ...MODEL_FLAGS,
    segment: { type: "string" },
    ...SAMPLER_FLAGS,
    json: { type: "boolean" },
  });
  const sampling = samplingRequest(values);
  return {
    ...modelFiles(values),
    segment: segmentSize(values.segment),
    sampling,
    json: values.json ?? false,
  };
}

export function parsePlan(args: readonly string[]): PlanOptions {
  const { values } = parse("plan", args, 0, {
    ...MODEL_FLAGS,
    shape: { type: "string" },
    segment: { type: "string" },
    json: { type: "boolean" },
  });
  const segment = values.segment === undefined ? undefined : segmentSize(values.segment);
  if (values.shape !== undefined && values.model !== undefined)
    throw expected("--shape", "no --model with it", "one");
  const shape = values.shape === undefined ? undefined : sizesOf(values.shape);
  return { ...modelFiles(values), shape, segment, json: values.json ?? false };
}

const SHAPE = ["dim", "hidden", "layers", "heads", "kvHeads", "vocab", "capacity"];

/** "dim=128,hidden=256,…": all of SHAPE, once each. */
function sizesOf(text: string): Record<string, number> {
  const sizes = Object.fromEntries(
    text.split(",").map((part) => {
      const [name, value] = part.split("=");
      return [name, Number(value)];
    }),
  );
  const names = Object.keys(sizes);
  if (names.length !== SHAPE.length || SHAPE.some((name) => !Number.isInteger(sizes[name])))
    throw expected("--shape", `${SHAPE.map((name) => `${name}=N`).join(",")}`, JSON.stringify(text));
  return sizes;
}

export function parseServe(args: readonly string[]): ServeOptions {
  const { values } = parse("serve", args, 0, {
    ...MODEL_FLAGS,
    host: { type: "string" },
    port: { type: "string" },
    data: { type: "string" },
    "token-secret": { type: "string" },
    "max-sessions": { type: "string" },
    "max-per-client": { type: "string" },
    fold: { type: "boolean" },
  });
  const { host = "127.0.0.1", port = "8080", data = "sessions", "token-secret": tokenSecret } = values;
  for (const [flag, value] of Object.entries({ host, data, "token-secret": tokenSecret }))
    if (value === "") throw expected(`--${flag}`, "a value", "none");
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65535)
    throw expected("--port", "a number from 0 to 65535", JSON.stringify(port));
  const limit = (flag: "max-sessions" | "max-per-client") => {
    const text = values[flag];
    return text === undefined ? undefined : count(`--${flag}`, text, 1);
  };
  const maxSessions = limit("max-sessions");
  const maxPerClient = limit("max-per-client");
  const { fold = false } = values;
  return {
    ...modelFiles(values),
    host,
    port: Number(port),
    data,
    tokenSecret,
    maxSessions,
    maxPerClient,
    fold,
  };
}

export interface ModelOptions {
  /** A file, a directory, or a name in the store. */
  readonly model: string;
  readonly tokenizer?: string;
  readonly json: boolean;
}

export interface QuantizeOptions extends ModelOptions {
  readonly capacity?: number;
  /** A file of texts to compare the models on. */
  readonly text?: string;
}

export function parseModelName(command: string, args: readonly string[]): string {
  const { positionals } = parse(command, args, 1, {});
  const name = positionals[0];
  if (!name) throw expected(command, "a model's name", "none");
  return name;
}

export function parseNothing(command: string, args: readonly string[]): void {
  parse(command, args, 0, {});
}

export function parseAdd(args: readonly string[]): {
  readonly file: string;
  readonly tokenizer?: string;
  readonly name?: string;
} {
  const { values, positionals } = parse("models add", args, 1, {
    tokenizer: { type: "string" },
    name: { type: "string" },
  });
  const file = positionals[0];
  if (!file) throw expected("models add", "a file or a directory", "none");
  return { file, tokenizer: values.tokenizer, name: values.name };
}

export function parseInspect(args: readonly string[]): ModelOptions {
  return parseModelOptions("models inspect", args);
}

function parseModelOptions(command: string, args: readonly string[]): ModelOptions {
  const { values, positionals } = parse(command, args, 1, {
    tokenizer: { type: "string" },
    json: { type: "boolean" },
  });
  return {
    model: modelArgument(command, positionals),
    tokenizer: values.tokenizer,
    json: values.json ?? false,
  };
}

export function parseCommit(args: readonly string[]): ModelOptions {
  return parseModelOptions("models commit", args);
}

export function parseQuantize(args: readonly string[]): QuantizeOptions {
  const { values, positionals } = parse("models quantize", args, 1, {
    tokenizer: { type: "string" },
    capacity: { type: "string" },
    text: { type: "string" },
    json: { type: "boolean" },
  });
  const { capacity, text, tokenizer, json = false } = values;
  return {
    model: modelArgument("models quantize", positionals),
    tokenizer,
    capacity: capacity === undefined ? undefined : count("--capacity", capacity, 1),
    text,
    json,
  };
}

function modelArgument(command: string, [model]: readonly string[]): string {
  if (!model) throw expected(command, "a file, or a model in the store", "none");
  return model;
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

interface SamplerValues {
  readonly temperature?: string;
  readonly "min-p"?: string;
  readonly seed?: string;
}

/** What is asked for, completed; nothing without a temperature. */
function samplingRequest(values: SamplerValues): SamplingRequest | undefined {
  const { temperature, minP = DEFAULT_SAMPLING.minP, seed = DEFAULT_SAMPLING.seed } = samplerFlags(values);
  if (temperature !== undefined) return { temperature, minP, seed };
  for (const flag of ["min-p", "seed"] as const)
    if (values[flag] !== undefined) throw expected(`--${flag}`, "--temperature with it", "none");
  return undefined;
}

function samplerFlags(values: SamplerValues): Partial<SamplingRequest> {
  return {
    temperature: number("--temperature", values.temperature),
    minP: number("--min-p", values["min-p"]),
    seed: number("--seed", values.seed),
  };
}

function number(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) throw expected(flag, "a number", JSON.stringify(text));
  return Number(text);
}

function count(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) < 1)
    throw expected(flag, "an integer, at least 1", JSON.stringify(text));
  return Number(text);
}

function digest(flag: string, text: string | undefined): string | undefined {
  if (text !== undefined && !isHex(text, 32))
    throw expected(flag, "64 hexadecimal digits", JSON.stringify(text));
  return text?.toLowerCase();
}

function segmentSize(text: string | undefined): number {
  const segment = count("--segment", text, DEFAULT_REQUEST.segment);
  logSegmentOf(segment);
  return segment;
}
