import { join } from "node:path";
import { ROOT } from "../importGraph.ts";

export type Runtime = "Bun" | "Deno";

export interface ServeOptions {
  readonly model: string;
  readonly data: string;
  /** 0 for any that is free. */
  readonly port?: number;
}

/** `starkstream serve` as a process of its own; under Deno it may write below `cwd` and nowhere else. */
export async function serveProcess(runtime: Runtime, cwd: string, { model, data, port = 0 }: ServeOptions) {
  const args = ["serve", "--model", model, "--port", `${port}`, "--data", data, "--max-sessions", "2"];
  const child = Bun.spawn([...command(runtime, cwd), join(ROOT, "src/cli/main.ts"), ...args], {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  let line = "";
  for await (const chunk of child.stdout) {
    line += new TextDecoder().decode(chunk);
    if (line.includes("\n")) break;
  }
  const url = /listening on (\S+)/.exec(line)?.[1];
  if (!url) throw new Error(`serve: expected an address, found ${JSON.stringify(line)}`);
  return { child, url, port: Number(new URL(url).port), socket: `${url.replace("http", "ws")}ws` };
}

function command(runtime: Runtime, cwd: string): string[] {
  if (runtime === "Bun") return [process.execPath];
  const deno = [join(ROOT, "node_modules/.bin/deno"), "run", "--no-prompt"];
  const files = [`--allow-read=${ROOT},${cwd}`, `--allow-write=${cwd}`];
  return [...deno, "--allow-net=127.0.0.1", "--allow-env", ...files];
}
