import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { expected } from "../../session/inputError.ts";
import { JsonReader } from "../../session/jsonReader.ts";
import { type Format, formatOf } from "./formatOf.ts";

/** A model in the store. */
export interface StoredModel {
  readonly name: string;
  readonly format: Format;
  readonly licence: string;
  /** Of the float model's files. */
  readonly bytes: number;
  /** The file or directory of the float model. */
  readonly source: string;
  /** llama2.c's tokenizer, which is a file of its own. */
  readonly tokenizer?: string;
  /** The capacities for which there is an integer model. */
  readonly quantized: readonly number[];
  /** The commitments to integer models' weights that are kept. */
  readonly commitments: readonly KeptCommitment[];
}

export interface KeptCommitment {
  readonly capacity: number;
  readonly path: string;
  readonly bytes: number;
}

/** A model to be put into the store; its files are moved or copied. */
export interface NewModel {
  readonly name: string;
  readonly source: string;
  readonly tokenizer?: string;
  readonly licence: string;
  readonly move: boolean;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const MAX_CARD_BYTES = 2 ** 16;

/**
 * Models on disk, a directory each: `card.json`, the float model's files below `source`, integer models
 * made from them, and commitments to their weights. A directory without a card is what an interrupted command left, and no model.
 */
export class ModelStore {
  constructor(readonly directory: string) {}

  /** Where the user keeps caches, or STARKSTREAM_CACHE says. */
  static ofUser(): ModelStore {
    const { STARKSTREAM_CACHE, XDG_CACHE_HOME } = process.env;
    return new ModelStore(
      STARKSTREAM_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "starkstream"),
    );
  }

  /** Where a download goes before it is unpacked. */
  downloadPath(sha256: string): string {
    return join(this.directory, "downloads", sha256);
  }

  async list(): Promise<StoredModel[]> {
    const names = await readdir(join(this.directory, "models")).catch(() => []);
    const found = await Promise.all(names.sort().map((name) => this.find(name)));
    return found.filter((model) => model !== undefined);
  }

  /** By its name in any case; nothing, if there is no such model. @throws InputError if its card is no card */
  async find(anyCase: string): Promise<StoredModel | undefined> {
    const name = anyCase.toLowerCase();
    if (!NAME.test(name)) return undefined;
    const directory = this.#directoryOf(name);
    const card = await readFile(join(directory, "card.json"), "utf8").catch(() => undefined);
    if (card === undefined) return undefined;
    const reader = JsonReader.parse(`${directory}/card.json`, card.slice(0, MAX_CARD_BYTES));
    const file = (field: string) => reader.text(field, "a file's name", (text) => basename(text) === text);
    const source = join(directory, "source", file("source"));
    const files = await readdir(directory);
    return {
      name,
      source,
      format: await formatOf(source),
      licence: reader.text("licence", "a text", () => true),
      bytes: await sizeOf(source),
      tokenizer: reader.isNull("tokenizer") ? undefined : join(directory, "source", file("tokenizer")),
      quantized: capacitiesOf(files, /^quantized-([1-9]\d{0,5})\.stkm$/),
      commitments: await Promise.all(
        capacitiesOf(files, /^commitment-([1-9]\d{0,5})\.stkc$/).map(async (capacity) => {
          const path = this.commitmentPath(name, capacity);
          return { capacity, path, bytes: await sizeOf(path) };
        }),
      ),
    };
  }

  /** @throws InputError if the name is taken, or no name */
  async add({ name, source, tokenizer, licence, move }: NewModel): Promise<StoredModel> {
    if (!NAME.test(name))
      throw expected(
        "name",
        "lower-case letters, digits, dots, dashes and underscores, 64 at most",
        JSON.stringify(name),
      );
    if (await this.find(name)) throw expected("name", "one that is free", `${name}; remove it first`);
    const directory = this.#directoryOf(name);
    await rm(directory, { recursive: true, force: true });
    await mkdir(join(directory, "source"), { recursive: true });
    for (const path of [source, tokenizer]) {
      if (path === undefined) continue;
      const to = join(directory, "source", basename(path));
      await (move ? rename(path, to) : cp(path, to, { recursive: true }));
    }
    const card = {
      source: basename(source),
      tokenizer: tokenizer === undefined ? null : basename(tokenizer),
      licence,
    };
    // last: it makes the directory a model
    await writeFile(join(directory, "card.json"), `${JSON.stringify(card, null, 2)}\n`);
    return (await this.find(name))!;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#directoryOf(name), "card.json"), { force: true });
    await rm(this.#directoryOf(name), { recursive: true, force: true });
  }

  /** The integer model of a capacity. */
  quantizedPath(name: string, capacity: number): string {
    return join(this.#directoryOf(name), `quantized-${capacity}.stkm`);
  }

  /** The commitment to an integer model's weights. */
  commitmentPath(name: string, capacity: number): string {
    return join(this.#directoryOf(name), `commitment-${capacity}.stkc`);
  }

  #directoryOf(name: string): string {
    return join(this.directory, "models", name);
  }
}

/** What files of this name are for, in order. A number has one spelling: its file is found by it. */
function capacitiesOf(files: readonly string[], name: RegExp): number[] {
  return files
    .map((entry) => Number(name.exec(entry)?.[1]))
    .filter((capacity) => capacity > 0)
    .sort((a, b) => a - b);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((a, b) => a + b, 0);
}
