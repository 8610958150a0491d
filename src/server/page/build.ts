/**
 * Bundles the page and its verifier into `pageFiles.generated.ts`, which both runtimes serve:
 * `bun src/server/page/build.ts`. Nothing loads this at run time.
 *
 * @module
 */
const at = (name: string) => new URL(name, import.meta.url).pathname;

async function bundle(entry: string): Promise<string> {
  const built = await Bun.build({ entrypoints: [at(entry)], target: "browser", minify: true });
  const [file] = built.outputs;
  if (!built.success || !file) throw new Error(`${entry}: expected a bundle, found ${built.logs.join("; ")}`);
  return await file.text();
}

/** The generated module's source. */
export async function pageFilesSource(): Promise<string> {
  const files = {
    "index.html": await Bun.file(at("index.html")).text(),
    "page.css": await Bun.file(at("page.css")).text(),
    "page.js": await bundle("page.ts"),
    "verify.js": await bundle("worker.ts"),
  };
  const lines = Object.entries(files).map(([name, text]) => `  "${name}": ${JSON.stringify(text)},`);
  return `// Made by src/server/page/build.ts; do not edit.\nexport const PAGE_FILES = {\n${lines.join("\n")}\n} as const;\n`;
}

if (import.meta.main) {
  const source = await pageFilesSource();
  await Bun.write(at("pageFiles.generated.ts"), source);
  const { PAGE_FILES } = await import("./pageFiles.generated.ts");
  for (const [name, text] of Object.entries(PAGE_FILES))
    console.log(
      `${name}: ${text.length} bytes, ${Bun.gzipSync(new TextEncoder().encode(text)).length} gzipped`,
    );
}
