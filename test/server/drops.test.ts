import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ClientSession } from "../../src/client/mod.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { nodeFileSystem } from "../../src/session/adapters/nodeFileSystem.ts";
import { checkNames, readSession } from "../../src/session/store.ts";
import { scratchDirectory, writeTinyModel } from "../cli/cli.ts";
import { droppingProxy } from "../client/droppingProxy.ts";
import { serveProcess } from "./serveProcess.ts";

/*
 * Connections dropped at random frames, servers killed at random moments. A few of each here; in full:
 * DROPS=50 KILLS=20 SEED=1 bun test test/server/drops.test.ts
 */

const DROPS = Number(process.env.DROPS ?? 6);
const KILLS = Number(process.env.KILLS ?? 2);
const SEED = Number(process.env.SEED ?? 1);
const PATIENCE_MS = 60_000 + 20_000 * (DROPS + KILLS);

const scratch = scratchDirectory();
afterAll(scratch.remove);
const model = scratch.path("tiny.model");
const request = { prompt: "abc", maxTokens: 20, segment: 4 };
const SEGMENTS = 6;
/** Its own frames and the answers to them: hello, started, 20 tokens, the segments, done. */
const FRAMES = 23 + SEGMENTS;

/** mulberry32: the same drops for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let expected: { readonly ids: number[]; readonly modelId: string };

beforeAll(async () => {
  await writeTinyModel(model);
  const { child, socket } = await serveProcess("Bun", scratch.path(""), {
    model,
    data: scratch.path("undisturbed"),
  });
  expected = await read(new ClientSession(socket, request));
  child.kill();
  await child.exited;
}, PATIENCE_MS);

/** Reads to the end; every segment and the chain are verified on the way. */
async function read(session: ClientSession): Promise<{ id: string; ids: number[]; modelId: string }> {
  for await (const _ of session);
  if (!session.tokens.every(({ state }) => state === "proven"))
    throw new Error("expected every token proven");
  if (!session.started) throw new Error("expected a session that started");
  const { session: id, modelId } = session.started;
  return { id, ids: session.tokens.map(({ id }) => id), modelId };
}

/** Every session that a client has read: whole, alike, and no file beside those that belong there. */
async function expectKept(data: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const directory = join(data, name);
    const stored = await readSession(nodeFileSystem, directory);
    expect(checkNames(stored)).toBeNull();
    expect(readdirSync(directory).length).toBe(1 + stored.proofs.length);
    const verdict = verifyChain(stored.session, stored.proofs, expected.modelId);
    if (!verdict.ok) throw new Error(`${name}: ${verdict.check}: ${verdict.detail}`);
    expect(verdict.tokens.slice(verdict.promptLength)).toEqual(expected.ids);
  }
}

describe(`seed ${SEED}`, () => {
  test(
    `${DROPS} connections dropped at random frames: the same tokens, every segment proven once`,
    async () => {
      const random = randomNumbers(SEED);
      const data = scratch.path("dropped");
      const { child, url, socket } = await serveProcess("Bun", scratch.path(""), { model, data });
      let drops = 0;
      const sessions: string[] = [];
      while (drops < DROPS) {
        const proxy = droppingProxy(socket, () => 1 + Math.floor(FRAMES * random()));
        const session = new ClientSession(proxy.url, request, { retryMs: 5, window: 2 ** 18, attempts: 100 });
        for await (const event of session) if (event.type === "reconnecting") drops++;
        expect(session.tokens.map(({ id, state }) => [id, state])).toEqual(
          expected.ids.map((id) => [id, "proven"]),
        );
        sessions.push(session.started?.session as string);
        proxy.close();
      }
      const count = async (name: string) => {
        const text = await (await fetch(`${url}metrics`)).text();
        return Number(new RegExp(`^starkstream_${name} (\\d+)`, "m").exec(text)?.[1]);
      };
      // a connection that broke before the client knew its session left one that nobody resumed
      while ((await count("sessions_live")) > 0) await Bun.sleep(50);
      const begun = await count("sessions_started_total");
      const proven = await count("segments_total");
      expect(proven).toBe(begun * SEGMENTS);
      child.kill();
      await child.exited;
      await expectKept(data, sessions);
      console.log(
        `${drops} drops in ${sessions.length} sessions; ${proven} segments proven, of ${begun} sessions`,
      );
    },
    PATIENCE_MS,
  );

  test(
    `a server killed at ${KILLS} random moments: the same tokens, chains that verify, no file half-written`,
    async () => {
      const random = randomNumbers(SEED + 1);
      const data = scratch.path("killed");
      let server = await serveProcess("Bun", scratch.path(""), { model, data });
      const { port, socket } = server;
      let kills = 0;
      const sessions: string[] = [];
      while (kills < KILLS) {
        const session = new ClientSession(socket, request, { retryMs: 50, attempts: 200 });
        let over = false;
        const reading = read(session).finally(() => {
          over = true;
        });
        while (!over && kills < KILLS) {
          await Bun.sleep(50 + 3000 * random());
          if (over) break;
          server.child.kill("SIGKILL");
          await server.child.exited;
          kills++;
          server = await serveProcess("Bun", scratch.path(""), { model, data, port });
        }
        const { id, ids } = await reading;
        expect(ids).toEqual(expected.ids);
        sessions.push(id);
      }
      server.child.kill();
      await server.child.exited;
      await expectKept(data, sessions);
      console.log(`${kills} kills in ${sessions.length} sessions`);
    },
    PATIENCE_MS,
  );
});
