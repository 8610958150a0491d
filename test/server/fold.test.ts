import { afterAll, describe, expect, test } from "bun:test";
import { type ClientEvent, type ClientOptions, ClientSession } from "../../src/client/mod.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { parseFold } from "../../src/session/foldFile.ts";
import type { OpenFold } from "../../src/session/sessionFold.ts";
import { parseSession } from "../../src/session/sessionFile.ts";
import { openWorkerFold } from "../../src/session/workerFold.ts";
import { MemoryFileSystem } from "../session/memoryFileSystem.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { RawSocket } from "./rawSocket.ts";
import { PROMPT, type TestServer, testServer } from "./testServer.ts";

const servers: TestServer[] = [];
const serve = (...args: Parameters<typeof testServer>) => {
  const server = testServer(...args);
  servers.push(server);
  return server;
};
afterAll(() => Promise.all(servers.map((server) => server.close(0))));

/** A step takes seconds where nobody else works, and may take a minute where many do. */
const PATIENCE_MS = 240_000;
// two segments
const request = { prompt: PROMPT, maxTokens: 3, segment: 4, final: true };
const profiles = [testProfile];

async function read(
  url: string,
  options: ClientOptions = {},
  onEvent?: (event: ClientEvent, session: ClientSession) => unknown,
) {
  const session = new ClientSession(url, request, {
    profiles,
    foldProfiles: profiles,
    retryMs: 20,
    ...options,
  });
  const events: ClientEvent[] = [];
  let error: Error | undefined;
  try {
    for await (const event of session) {
      events.push(event);
      await onEvent?.(event, session);
    }
  } catch (caught) {
    error = caught as Error;
  }
  return { session, events, error };
}

/** Folding takes seconds even for a tiny model: it is done once, and what came out is given again later. */
const steps = new Map<string, Uint8Array>();
let opened: ReturnType<OpenFold> | undefined;

/** Folding provers that count their steps. */
function foldOnce(stepMs = 0) {
  const counts = { opened: 0, steps: 0, closed: 0 };
  const openFold: OpenFold = async (...args) => {
    counts.opened++;
    opened ??= openWorkerFold(...args);
    const fold = await opened;
    let closed = false;
    const step: typeof fold.step = async (terms, segments, previous) => {
      const name = `${segments.map((segment) => Bun.hash(segment))} ${previous && Bun.hash(previous)}`;
      const proof = steps.get(name) ?? (await fold.step(terms, segments, previous));
      steps.set(name, proof);
      await new Promise((resolve) => setTimeout(resolve, stepMs));
      if (closed) throw new Error("closed");
      counts.steps++;
      return proof;
    };
    const close = () => {
      counts.closed++;
      closed = true;
    };
    return { key: fold.key, step, close };
  };
  return { counts, openFold };
}
afterAll(async () => (await opened)?.close());

describe("a server that folds", () => {
  const { counts, openFold } = foldOnce();
  const server = serve({ fold: true, openFold });
  let foldId = "";

  test(
    "the final proof comes behind the segments, verifies, and makes the tokens final",
    async () => {
      const { session, events, error } = await read(server.socket);
      expect(error).toBeUndefined();
      const types = events.map(({ type }) => type);
      expect(types.slice(-1)).toEqual(["final"]);
      expect(types.indexOf("done")).toBeGreaterThan(types.lastIndexOf("segment"));
      expect(session.tokens.map(({ state }) => state)).toEqual(new Array(3).fill("final"));
      const folds = events.filter((event) => event.type === "fold");
      expect(folds.at(-1)?.index).toBe(1);
      expect(counts).toEqual({ opened: 1, steps: 2, closed: 1 }); // nobody folds: its memory is given back

      const url = `${server.url}v1/sessions/${session.started?.session}`;
      const described = await (await fetch(url)).json();
      expect(described).toMatchObject({ status: "done", folded: 2, final: { segments: 2 } });
      const get = async (path: string) => await fetch(new URL(path, server.url));
      const file = parseFold(await (await get(described.final.file)).text(), profiles);
      const proof = new Uint8Array(await (await get(described.final.url)).arrayBuffer());
      const { session: stated } = parseSession(await (await fetch(`${url}/session.json`)).text(), profiles);
      expect(verifyFinal({ session: stated, ...file }, proof).ok).toBe(true);
      foldId = file.foldId;
      expect(await (await fetch(`${server.url}metrics`)).text()).toMatch(
        /^starkstream_final_proofs_total 1$/m,
      );
    },
    PATIENCE_MS,
  );

  test(
    "server-sent events end with a link to it",
    async () => {
      const { segment, maxTokens: max_tokens } = request;
      const body = JSON.stringify({
        prompt: PROMPT,
        max_tokens,
        stream: true,
        starkstream: { segment, final: true },
      });
      const response = await fetch(`${server.url}v1/completions`, { method: "POST", body });
      const blocks = (await response.text()).split("\n\n").filter((block) => block !== "");
      expect(blocks.at(-1)).toBe("data: [DONE]");
      const [event, data] = blocks.at(-2)?.split("\n") ?? [];
      expect(event).toBe("event: final");
      const { starkstream } = JSON.parse(data?.slice(6) as string);
      expect(starkstream.final.foldId).toBe(foldId);
      expect((await fetch(new URL(starkstream.url, server.url))).status).toBe(200);
    },
    PATIENCE_MS,
  );

  test(
    "another circuit than the pinned one is rejected; a changed final proof, too",
    async () => {
      const other = await read(server.socket, { foldId: "0".repeat(64) });
      expect(other.error).toMatchObject({ name: "ProofError", check: "fold id" });
      expect(other.session.tokens.every(({ state }) => state === "proven")).toBe(true);
      const files = new MemoryFileSystem();
      const write = files.write.bind(files);
      files.write = (path, bytes) => {
        const changed = bytes.slice();
        if (path.endsWith("final.proof"))
          changed[changed.length - 9] = (changed[changed.length - 9] as number) ^ 1;
        return write(path, changed);
      };
      const { error } = await read(serve({ fold: true, files, openFold }).socket, { foldId });
      expect(error).toMatchObject({ name: "ProofError", segment: null });
    },
    PATIENCE_MS,
  );

  test(
    "stopped while it folds, and started again: it goes on by itself, no step twice",
    async () => {
      const { counts, openFold } = foldOnce(300);
      const files = new MemoryFileSystem();
      const first = testServer({ fold: true, files, openFold });
      const port = Number(new URL(first.url).port);
      let stopped = 0;
      const { session, error } = await read(first.socket, { foldId }, async (event) => {
        if (event.type !== "fold" || stopped > 0) return;
        stopped = event.index + 1;
        await first.close(0);
        expect(counts.steps).toBe(1);
        serve({ fold: true, files, database: first.database, openFold, port });
      });
      expect(error).toBeUndefined();
      expect(session.tokens.every(({ state }) => state === "final")).toBe(true);
      expect(counts.steps).toBe(2);
      const names = await files.list(`sessions/${session.started?.session}`);
      expect(names.filter((name) => name.includes("fo"))).toEqual(["fold.json"]);
    },
    PATIENCE_MS,
  );

  test(
    "cancelled while it folds: the segments stay, and nobody goes on",
    async () => {
      const files = new MemoryFileSystem();
      const { counts, openFold } = foldOnce(300);
      const server = serve({ fold: true, files, openFold });
      const { session, error } = await read(server.socket, {}, (event, reading) => {
        if (event.type === "done") reading.cancel();
      });
      expect(error).toMatchObject({ name: "ServerError", code: "cancelled" });
      const url = `${server.url}v1/sessions/${session.started?.session}`;
      expect(await (await fetch(url)).json()).toMatchObject({ status: "done", final: null });
      await server.close(0);
      serve({ fold: true, files, database: server.database, openFold });
      expect(counts.opened).toBe(1);
    },
    PATIENCE_MS,
  );
});

test("a server that does not fold refuses to", async () => {
  const raw = await RawSocket.open(serve().socket);
  await raw.until(() => raw.of("hello").length === 1);
  expect(raw.of("hello")[0]?.folds).toBe(false);
  raw.send({ type: "start", ...request, credit: 2 ** 20 });
  await raw.until(() => raw.closed !== undefined);
  expect(raw.of("error")[0]).toMatchObject({
    code: "bad-request",
    message: expect.stringMatching(/^final: .*does not fold/),
  });
});
