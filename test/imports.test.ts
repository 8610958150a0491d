import { describe, expect, test } from "bun:test";
import { codeOnly, filesUnder, importsOf, reachableFrom, readSource } from "./importGraph.ts";

/** What the folders of src may load of one another at run time; types may come from anywhere. */
const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  field: [],
  poly: ["field"],
  hash: ["field", "poly"],
  kernels: ["field"],
  // does not know that it is being proven
  model: [],
  soundness: ["hash"],
  streams: [],
  sumcheck: ["field", "hash", "poly"],
  lookup: ["field", "hash", "poly", "sumcheck", "air"],
  whir: ["field", "hash", "poly", "sumcheck", "soundness"],
  air: ["field", "hash", "poly", "sumcheck", "lookup", "whir"],
  decode: ["field", "hash", "poly", "air", "lookup", "model"],
  segment: ["field", "hash", "poly", "kernels", "soundness", "lookup", "whir", "air", "decode", "model"],
  fold: [
    "field",
    "hash",
    "poly",
    "kernels",
    "sumcheck",
    "soundness",
    "lookup",
    "whir",
    "air",
    "model",
    "decode",
    "segment",
  ],
  session: ["field", "kernels", "whir", "model", "decode", "segment", "fold", "streams"],
  client: ["whir", "segment", "fold", "session"],
  server: ["whir", "segment", "fold", "session", "client"],
  cli: ["kernels", "whir", "model", "segment", "fold", "session", "streams", "server"],
};

/** Entry points, and what they must reach to be the whole verifier. */
const VERIFIERS: Readonly<Record<string, readonly string[]>> = {
  "src/segment/verify.ts": [
    "src/whir/verify.ts",
    "src/air/verify.ts",
    "src/hash/blake3.ts",
    "src/decode/rules.ts",
  ],
  "src/fold/verify.ts": [
    "src/whir/verify.ts",
    "src/air/verify.ts",
    "src/hash/blake3.ts",
    "src/fold/circuit/circuitAir.ts",
  ],
};

/** No verifier may load these. */
const PROVERS = [
  /((^|\/)prov(e|er|ing)[A-Z.]|(Prover|Builder|Worker)\.ts$|\/record[A-Z])/,
  /(^|\/)(open|commit|proverChannel|merkleTree|materialize|multiplicities|memory)\.ts$/,
  /^src\/(kernels|session|cli|server)\//,
  /^src\/model\/(?!(config|options|description|sampler|elementary)\.ts$)/,
  /[wW]itness/,
];

/** Globals that a browser, Deno and Bun do not share, or that reach outside. */
const GLOBALS =
  /(?<![.\w$])(process|Bun|Deno|require|Buffer|globalThis|self|window|document|navigator|fetch|Worker|WebAssembly|SharedArrayBuffer|setTimeout|setInterval|performance|crypto|console)(?![\w$]|\s*:)/;

const chainOf = (chain: readonly string[] | undefined) => (chain ?? []).join(" → ");

describe.each(Object.keys(VERIFIERS))("the verifier's entry point %s", (entry) => {
  const reached = reachableFrom(entry);

  test("reaches the whole verifier", () => {
    expect([...reached.keys()]).toEqual(expect.arrayContaining([...VERIFIERS[entry]]));
  });

  test("loads no prover, no kernels and no model runtime", () => {
    const wrong = [...reached].filter(([path]) => PROVERS.some((pattern) => pattern.test(path)));
    expect(wrong.map(([, chain]) => chainOf(chain))).toEqual([]);
  });

  test("loads no package but the hash", () => {
    const wrong = [...reached.keys()].flatMap((path) =>
      importsOf(path)
        .packages.filter((name) => !name.startsWith("@noble/hashes/"))
        .map((name) => `${chainOf(reached.get(path))} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("uses no global of a runtime", () => {
    const wrong = [...reached.keys()]
      .map((path) => [path, GLOBALS.exec(codeOnly(readSource(path)))?.[1]])
      .filter(([, name]) => name !== undefined);
    expect(wrong).toEqual([]);
  });
});

describe("the walk", () => {
  test("finds no prover in what the CLI's verify command loads beside the verifiers", () => {
    const loaded = [...reachableFrom("src/cli/verify.ts").keys()];
    expect(loaded).toEqual(expect.arrayContaining(Object.keys(VERIFIERS)));
    const wrong = loaded.filter(
      (path) =>
        PROVERS.slice(0, 2).some((pattern) => pattern.test(path)) ||
        /^src\/(kernels|model)\/(?!config|options|description|sampler|elementary)/.test(path),
    );
    expect(wrong).toEqual([]);
  });

  test("sees a prover where there is one", () => {
    const loaded = [...reachableFrom("mod.ts").keys()];
    expect(loaded).toContain("src/segment/prover.ts");
    expect(loaded).toContain("src/session/proverWorker.ts");
    expect(loaded).toContain("src/session/foldWorker.ts");
    expect(loaded.some((path) => path.startsWith("src/kernels/"))).toBe(true);
  });
});

describe("layers", () => {
  const files = filesUnder("src");

  test("every folder is on the list", () => {
    const folders = new Set(files.map((path) => path.split("/")[1]));
    expect([...folders].filter((folder) => !Object.hasOwn(MAY_LOAD, folder as string))).toEqual([]);
  });

  for (const [folder, allowed] of Object.entries(MAY_LOAD)) {
    test(`${folder} loads only ${allowed.join(", ") || "itself"}`, () => {
      const wrong = files
        .filter((path) => path.startsWith(`src/${folder}/`))
        .flatMap((path) => importsOf(path).files.map((file) => [path, file] as const))
        .filter(([, file]) => file.startsWith("src/"))
        .filter(([, file]) => ![folder, ...allowed].includes(file.split("/")[1] as string))
        .map(([path, file]) => `${path} → ${file}`);
      expect(wrong).toEqual([]);
    });
  }

  test("node's modules are loaded only by adapters and the CLI", () => {
    const wrong = files
      .filter((path) => importsOf(path).packages.some((name) => name.startsWith("node:")))
      .filter((path) => !path.startsWith("src/cli/") && !/^src\/(session|server)\/adapters\//.test(path));
    expect(wrong).toEqual([]);
  });

  test("the public API needs no adapter", () => {
    const wrong = [...reachableFrom("mod.ts")].filter(([path]) => /adapters\/node|^src\/cli\//.test(path));
    expect(wrong.map(([, chain]) => chainOf(chain))).toEqual([]);
  });
});
