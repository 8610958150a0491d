import { checkDescription } from "../model/description.ts";
import type { ModelDescription } from "../model/description.ts";
import { P } from "../field/m31.ts";
import type { ModelSizes } from "../model/config.ts";
import { ACTIVATIONS, BIASES, POSITIONS } from "../model/options.ts";
import { checkSampler, type Sampler } from "../model/sampler.ts";
import type { Session } from "../segment/statement.ts";
import { type Profile, SESSION_PROFILES } from "../whir/profile.ts";
import { InputError, messageOf } from "./inputError.ts";
import { hexOfWords, isHex, wordsOfHex } from "./hex.ts";
import { JsonReader } from "./jsonReader.ts";
import { logSegmentOf } from "./planSession.ts";

/** What `session.json` holds. */
export interface SessionFile {
  /** What all segments share. */
  readonly session: Session;
  /** As the prover named it; the verifier computes it anew. */
  readonly modelId: string;
  /** How many segments the run has, once it is over. */
  readonly segments: number | null;
}

const FORMAT = "starkstream session";
const VERSION = 2;
const SIZE_NAMES = [
  "dim",
  "hidden",
  "layers",
  "heads",
  "kvHeads",
  "headDim",
  "vocab",
  "capacity",
  "sequence",
] as const satisfies readonly (keyof ModelSizes)[];
const OPTION_NAMES = ["positions", "activation", "biases"] as const;
const SAMPLER_NAMES = [
  "temperature",
  "minP",
  "logitScale",
  "seed",
] as const satisfies readonly (keyof Sampler)[];
const SHIFT_NAMES = ["q", "k", "v", "o", "gate", "up", "down", "prod"] as const;

/** The text of `session.json`. @throws InputError if the profile is none that a reader will know by its name */
export function formatSession(file: SessionFile, profiles: readonly Profile[] = SESSION_PROFILES): string {
  const { session, modelId, segments } = file;
  const { profile, description, fixed, logSegment, promptLength, sampler } = session;
  if (!profiles.some(({ name }) => name === profile.name)) throw unknownProfile(profiles, profile.name);
  const { config, shifts, normBits, expScale, scoreShift } = description;
  const json = {
    format: FORMAT,
    version: VERSION,
    modelId,
    profile: profile.name,
    description: {
      config: { ...pick(config, SIZE_NAMES), ...pick(config, OPTION_NAMES) },
      shifts: pick(shifts, SHIFT_NAMES),
      normBits,
      expScale,
      scoreShift,
    },
    fixed: { root: hexOfWords(fixed.root), value: [...fixed.value] },
    logSegment,
    promptLength,
    ...(sampler && { sampler: pick(sampler, SAMPLER_NAMES) }),
    segments,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/**
 * Reads `session.json`, whoever wrote it: every field there, nothing else, all in range.
 *
 * @throws InputError that names the field, what was expected and what was found
 */
export function parseSession(text: string, profiles: readonly Profile[] = SESSION_PROFILES): SessionFile {
  const json = JsonReader.parse("session.json", text);
  json.keys(
    [
      "format",
      "version",
      "modelId",
      "profile",
      "description",
      "fixed",
      "logSegment",
      "promptLength",
      "segments",
    ],
    ["sampler"],
  );
  json.literal("format", FORMAT);
  json.literal("version", VERSION);
  const modelId = json.text("modelId", "64 hexadecimal digits", (found) => isHex(found, 32));
  const name = json.text("profile", "a profile's name", () => true);
  const profile = profiles.find((known) => known.name === name);
  if (!profile) throw unknownProfile(profiles, name);
  const description = readDescription(json.object("description"));
  const fixed = json.object("fixed");
  fixed.keys(["root", "value"]);
  const root = wordsOfHex(fixed.text("root", "64 hexadecimal digits", (found) => isHex(found, 32)));
  const value = fixed.integers("value", 5, P - 1) as [number, number, number, number, number];
  const { capacity } = description.config;
  const logSegment = json.integer("logSegment", 0, 30);
  logSegmentOf(2 ** logSegment);
  if (2 ** logSegment > capacity)
    throw json.wrong("logSegment", `at most log2 of the capacity ${capacity}`, logSegment);
  const promptLength = json.integer("promptLength", 1, capacity);
  const most = capacity / 2 ** logSegment;
  const segments = json.isNull("segments") ? null : json.integer("segments", 1, most);
  const sampler = json.has("sampler") ? readSampler(json.object("sampler"), description) : undefined;
  const session: Session = {
    profile,
    description,
    fixed: { root, value },
    logSegment,
    promptLength,
    ...(sampler && { sampler }),
  };
  return { session, modelId: modelId.toLowerCase(), segments };
}

function readDescription(json: JsonReader): ModelDescription {
  json.keys(["config", "shifts", "normBits", "expScale", "scoreShift"]);
  const shape = json.object("config");
  shape.keys([...SIZE_NAMES, ...OPTION_NAMES]);
  const bits = json.object("shifts");
  bits.keys(SHIFT_NAMES);
  const description: ModelDescription = {
    config: {
      ...record(SIZE_NAMES, (name) => shape.integer(name, 1, 2 ** 24)),
      positions: shape.oneOf("positions", POSITIONS),
      activation: shape.oneOf("activation", ACTIVATIONS),
      biases: shape.someOf("biases", BIASES),
    },
    shifts: record(SHIFT_NAMES, (name) => bits.integer(name, 0, 31)),
    normBits: json.integer("normBits", 1, 31),
    expScale: json.integer("expScale", 1, 2 ** 16),
    scoreShift: json.integer("scoreShift", 1, 31),
  };
  try {
    checkDescription(description);
  } catch (error) {
    throw new InputError(`session.json: ${messageOf(error)}`);
  }
  return description;
}

function readSampler(json: JsonReader, { config }: ModelDescription): Sampler {
  json.keys(SAMPLER_NAMES);
  const sampler = record(SAMPLER_NAMES, (name) => json.number(name));
  try {
    checkSampler(sampler, config.vocab);
  } catch (error) {
    throw new InputError(`session.json: ${messageOf(error)}`);
  }
  return sampler;
}

function unknownProfile(profiles: readonly Profile[], found: string): InputError {
  const known = profiles.map(({ name }) => name).join(", ");
  return new InputError(`session.json: profile: expected ${known}, found ${JSON.stringify(found)}`);
}

function record<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>;
}

function pick<Name extends string, Value>(
  from: Readonly<Record<Name, Value>>,
  names: readonly Name[],
): Record<Name, Value> {
  return record(names, (name) => from[name]);
}
