import { afterAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ClientSession } from "../../src/client/mod.ts";
import { scratchDirectory, starkstream, writeTinyModel } from "../cli/cli.ts";
import { type Runtime, serveProcess } from "./serveProcess.ts";

const scratch = scratchDirectory();
afterAll(scratch.remove);
const model = scratch.path("tiny.model");
await writeTinyModel(model);

const request = { prompt: "abc", maxTokens: 20, segment: 4 };
const serve = (runtime: Runtime, data: string, port = 0) =>
  serveProcess(runtime, scratch.path(""), { model, data, port });

for (const runtime of ["Bun", "Deno"] as const) {
  describe(`starkstream serve, ${runtime}`, () => {
    test("killed while it proves, and started again: the same session goes on, and its files verify", async () => {
      const data = scratch.path(`killed-${runtime}`);
      const first = await serve(runtime, data);
      let current = first;
      let kills = 0;
      const session = new ClientSession(first.socket, request, { retryMs: 300 });
      for await (const event of session) {
        if (event.type !== "segment" || event.index % 2 !== 0 || kills >= 2) continue;
        kills++;
        current.child.kill("SIGKILL");
        await current.child.exited;
        current = await serve(runtime, data, first.port);
      }
      expect(kills).toBe(2);
      expect(session.tokens.every(({ state }) => state === "proven")).toBe(true);
      const directory = join(data, session.started?.session as string);
      expect(readdirSync(directory).filter((file) => file.endsWith(".tmp"))).toEqual([]);
      const modelId = session.started?.modelId as string;
      expect((await starkstream(["verify", directory, "--model-id", modelId])).code).toBe(0);

      current.child.kill("SIGTERM");
      expect(await current.child.exited).toBe(0);
    }, 60_000);

    test("SIGTERM while it proves: the segment in hand is kept", async () => {
      const data = scratch.path(`stopped-${runtime}`);
      const { child, socket } = await serve(runtime, data);
      const session = new ClientSession(socket, request, { attempts: 1 });
      await session[Symbol.asyncIterator]().next();
      child.kill("SIGTERM");
      expect(await child.exited).toBe(0);
      const { code, stdout } = await starkstream(["verify", join(data, session.started?.session as string)]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/valid: [1-9]/);
    }, 60_000);
  });
}

test("bad options: one line, exit code 2", async () => {
  for (const args of [
    ["--port", "99999"],
    ["--data", ""],
    ["--token-secret", "@/no/such/file"],
    ["--max-sessions", "0"],
  ]) {
    const { code, stderr } = await starkstream(["serve", ...args]);
    expect(code).toBe(2);
    expect(stderr.trim().split("\n").length).toBe(1);
  }
});
