import type { CircuitSizes } from "../fold/circuit/sizes.ts";
import type { FoldKey } from "../fold/foldKey.ts";
import { P } from "../field/m31.ts";
import { MAX_PLACES } from "../fold/stepProtocol.ts";
import { FOLD_PROFILE, type Profile } from "../whir/profile.ts";
import { InputError } from "./inputError.ts";
import { hexOfWords, isHex, wordsOfHex } from "./hex.ts";
import { JsonReader } from "./jsonReader.ts";

/** What `fold.json` holds: what a verifier of the final proof needs beside `session.json`. */
export interface FoldFile {
  /** As the prover named it; the verifier computes it anew from all the rest. */
  readonly foldId: string;
  /** Of the steps' proofs. */
  readonly profile: Profile;
  /** Of the folding circuit. */
  readonly key: FoldKey;
  /** Every token consumed, the prompt's first. */
  readonly tokens: readonly number[];
}

const FORMAT = "starkstream fold";
const VERSION = 2;
/** No table is larger, nor has a hash table more blocks: a shape is as cheap to compute as it is to state. */
const MAX_LOG = 26;
const MAX_BLOCKS = 8;
const LOG_NAMES = ["logOps", "logLifts", "logBits", "logCells", "logInputs"] as const;

/** The text of `fold.json`. @throws InputError if the profile is none that a reader will know by its name */
export function formatFold(file: FoldFile, profiles: readonly Profile[] = [FOLD_PROFILE]): string {
  const { foldId, profile, key, tokens } = file;
  if (!profiles.some(({ name }) => name === profile.name)) throw unknownProfile(profiles, profile.name);
  const { logOps, logLifts, logBits, logCells, logInputs } = key.sizes;
  const hashes = key.sizes.hashes.map(({ log, extended }) => [log, Number(extended)]);
  const json = {
    format: FORMAT,
    version: VERSION,
    foldId,
    profile: profile.name,
    places: key.places,
    sizes: { logOps, logLifts, logBits, logCells, logInputs, hashes },
    key: { root: hexOfWords(key.name.root), value: [...key.name.value] },
    tokens: [...tokens],
  };
  return `${JSON.stringify(json)}\n`;
}

/**
 * Reads `fold.json`, whoever wrote it: every field there, nothing else, all in range.
 *
 * @throws InputError that names the field, what was expected and what was found
 */
export function parseFold(text: string, profiles: readonly Profile[] = [FOLD_PROFILE]): FoldFile {
  const json = JsonReader.parse("fold.json", text);
  json.keys(["format", "version", "foldId", "profile", "places", "sizes", "key", "tokens"]);
  json.literal("format", FORMAT);
  json.literal("version", VERSION);
  const foldId = json.text("foldId", "64 hexadecimal digits", (found) => isHex(found, 32)).toLowerCase();
  const name = json.text("profile", "a profile's name", () => true);
  const profile = profiles.find((known) => known.name === name);
  if (!profile) throw unknownProfile(profiles, name);
  const places = json.integer("places", 1, MAX_PLACES);
  const sizes = readSizes(json.object("sizes"));
  const key = json.object("key");
  key.keys(["root", "value"]);
  const root = wordsOfHex(key.text("root", "64 hexadecimal digits", (found) => isHex(found, 32)));
  const value = key.integers("value", 5, P - 1) as [number, number, number, number, number];
  const tokens = json.integerList("tokens", 2 ** 24, 2 ** 24);
  return { foldId, profile, key: { places, sizes, name: { root, value } }, tokens };
}

function readSizes(json: JsonReader): CircuitSizes {
  json.keys([...LOG_NAMES, "hashes"]);
  const [logOps, logLifts, logBits, logCells, logInputs] = LOG_NAMES.map((name) =>
    json.integer(name, 1, MAX_LOG),
  ) as [number, number, number, number, number];
  const hashes = json.pairs("hashes", MAX_BLOCKS, [MAX_LOG, 1]);
  return {
    logOps,
    logLifts,
    logBits,
    logCells,
    logInputs,
    hashes: hashes.map(([log, extended]) => ({ log, extended: extended === 1 })),
  };
}

function unknownProfile(profiles: readonly Profile[], found: string): InputError {
  const known = profiles.map(({ name }) => name).join(", ");
  return new InputError(`fold.json: profile: expected ${known}, found ${JSON.stringify(found)}`);
}
