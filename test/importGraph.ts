import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** The repository's root; every path here is relative to it. */
export const ROOT = normalize(join(import.meta.dir, ".."));

/** What a module loads: paths for files of this repository, specifiers for everything else. */
export interface Imports {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

// comments, strings, templates without nested templates: whatever could hide or fake an import
const TOKENS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** The source without comments. */
export function withoutComments(source: string): string {
  return source.replace(TOKENS, (token) => (token.startsWith("/") ? " " : token));
}

/** The source without comments and without what is in quotes. */
export function codeOnly(source: string): string {
  return source.replace(TOKENS, (token) => (token.startsWith("/") ? " " : '""'));
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Imports and re-exports that happen at run time: those of types only are left out. */
export function importsOf(path: string): Imports {
  const source = withoutComments(readSource(path));
  const specifiers = [
    ...source.matchAll(/^\s*(?:import|export)\s+(?!type\b)[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm),
    ...source.matchAll(/^\s*import\s*["']([^"']+)["']/gm),
    ...source.matchAll(/\bimport\s*\(\s*["']([^"']+)["']\s*\)/g),
    ...source.matchAll(/\bnew\s+URL\s*\(\s*["'](\.[^"']+)["']\s*,\s*import\.meta\.url/g),
  ].map((match) => match[1] as string);
  return {
    files: specifiers.filter(isRelative).map((specifier) => normalize(join(dirname(path), specifier))),
    packages: specifiers.filter((specifier) => !isRelative(specifier)),
  };
}

/** Every file that loading `entry` loads, itself included, each with a chain of imports that leads to it. */
export function reachableFrom(entry: string): Map<string, readonly string[]> {
  const chains = new Map<string, readonly string[]>([[entry, [entry]]]);
  for (const [path, chain] of chains) {
    if (!path.endsWith(".ts")) continue;
    for (const file of importsOf(path).files) if (!chains.has(file)) chains.set(file, [...chain, file]);
  }
  return chains;
}

/** The TypeScript files under a folder, but for the kernels' sources, which are another language. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".ts") && !path.includes("kernels/assembly/"));
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}
