/**
 * Compiles src/kernels/assembly to src/kernels/kernelModule.ts. With --check it only compares, and
 * exits with 1 on a difference.
 */
import asc from "assemblyscript/asc";

const SOURCE = "src/kernels/assembly/index.ts";
const MODULE = "src/kernels/kernelModule.ts";
const LINE = 160;

const OPTIONS = [
  ...["--runtime", "stub", "--use", "abort=", "--optimizeLevel", "3", "--noAssert"],
  ...[
    "--enable",
    "simd",
    "--importMemory",
    "--noExportMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "65536",
  ],
  // usize is 32 bits; vectors cross only between our own files.
  ...["--disableWarning", "201", "--disableWarning", "112"],
];

async function compile(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([SOURCE, "--outFile", "kernels.wasm", ...OPTIONS], {
    writeFile: (_name: string, contents: string | Uint8Array) => {
      if (typeof contents !== "string") binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(`${error}\n${stderr.toString()}`);
  return binary;
}

function render(binary: Uint8Array): string {
  const text = Buffer.from(binary).toString("base64");
  const lines: string[] = [];
  for (let i = 0; i < text.length; i += LINE) lines.push(text.slice(i, i + LINE));
  return `// Generated from src/kernels/assembly by tools/buildKernels.ts: do not edit.

/** The kernels' WebAssembly module, ${binary.length} bytes, in base64. */
export const KERNEL_MODULE = \`
${lines.join("\n")}
\`;
`;
}

const next = render(await compile());
if (process.argv.includes("--check")) {
  if ((await Bun.file(MODULE).text()) !== next) {
    console.error(`${MODULE} is not what ${SOURCE} compiles to: run tools/buildKernels.ts`);
    process.exit(1);
  }
} else {
  await Bun.write(MODULE, next);
  console.log(`${MODULE}: ${next.length} characters`);
}
