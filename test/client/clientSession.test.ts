import { afterAll, describe, expect, test } from "bun:test";
import { type ClientEvent, type ClientOptions, ClientSession, type Session } from "../../src/client/mod.ts";
import type { ServerMessage } from "../../src/client/wire/messages.ts";
import { decodeServerMessage, encodeServerMessage } from "../../src/client/wire/serverMessage.ts";
import { securityReport } from "../../src/segment/security.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { MemoryFileSystem } from "../session/memoryFileSystem.ts";
import { testProfile } from "../soundness/testProfile.ts";
import type { OpenProver } from "../../src/session/sessionProver.ts";
import { openInlineProver } from "../../src/session/inlineProver.ts";
import { droppingProxy } from "./droppingProxy.ts";
import { PROMPT, PROMPT_LENGTH, type TestServer, testServer } from "../server/testServer.ts";

const servers: { close(graceMs?: number): Promise<void> | void }[] = [];
const keep = <Server extends (typeof servers)[number]>(server: Server): Server => {
  servers.push(server);
  return server;
};
afterAll(() => Promise.all(servers.map((server) => server.close(0))));

const request = { prompt: PROMPT, maxTokens: 20, segment: 8 };
const profiles = [testProfile];

async function read(url: string, options: ClientOptions = {}, onEvent?: (event: ClientEvent) => unknown) {
  const session = new ClientSession(url, request, { profiles, retryMs: 10, ...options });
  const events: ClientEvent[] = [];
  let error: Error | undefined;
  try {
    for await (const event of session) {
      events.push(event);
      await onEvent?.(event);
    }
  } catch (caught) {
    error = caught as Error;
  }
  return { session, events, error, types: events.map(({ type }) => type) };
}

/** Every token proven, the proofs a chain that says the same. */
function expectWhole({ session, error }: Awaited<ReturnType<typeof read>>): void {
  expect(error).toBeUndefined();
  expect(session.tokens.length).toBe(request.maxTokens);
  expect(session.tokens.every(({ state }) => state === "proven")).toBe(true);
  const { started, proofs, tokens } = session;
  if (!started) throw new Error("expected a session that started");
  const verdict = verifyChain(started.file.session, proofs, started.modelId);
  const ids = [...started.promptTokens, ...tokens.map(({ id }) => id)];
  expect(verdict).toMatchObject({ ok: true, tokens: ids, promptLength: PROMPT_LENGTH });
}

describe("ClientSession", () => {
  const server: TestServer = keep(testServer({ maxSessions: 8 }));

  test("verifies every segment as it arrives; tokens turn from decoded to proven", async () => {
    const states: string[] = [];
    const result = await read(server.socket, {}, (event) => {
      if (event.type === "token") states.push(event.token.state);
    });
    expectWhole(result);
    expect(new Set(states)).toEqual(new Set(["decoded"]));
    expect(result.types[0]).toBe("started");
    expect(result.types.at(-1)).toBe("done");
    const segments = result.events.filter((event) => event.type === "segment");
    expect(segments.length).toBe(Math.ceil((PROMPT_LENGTH + 19) / 8));
    for (const [i, segment] of segments.entries())
      if (i > 0) expect(segment.boundaryIn).toBe(segments[i - 1]?.boundaryOut as string);
    expect(segments.flatMap(({ proven }) => proven).length).toBe(20);
  }, 30_000);

  test("drops at many places: the session is resumed, nothing is sent twice", async () => {
    const proxy = keep(droppingProxy(server.socket, (socket) => 2 + ((socket * 3) % 5)));
    const result = await read(proxy.url, { window: 2 ** 17 });
    expectWhole(result);
    expect(result.types.filter((type) => type === "reconnecting").length).toBeGreaterThan(3);
    const text = await (await fetch(`${server.url}metrics`)).text();
    // both sessions together decoded each token once, and proved each segment once
    expect(/^starkstream_tokens_total (\d+)/m.exec(text)?.[1]).toBe("40");
    expect(/^starkstream_segments_total (\d+)/m.exec(text)?.[1]).toBe("8");
  }, 30_000);

  test("a changed proof is rejected, and says where", async () => {
    const files = new MemoryFileSystem();
    const tampered = keep(testServer({ files }));
    const write = files.write.bind(files);
    files.write = (path, bytes) => {
      const changed = bytes.slice();
      if (path.endsWith("0001.proof"))
        changed[changed.length - 9] = (changed[changed.length - 9] as number) ^ 1;
      return write(path, changed);
    };
    const { error, session } = await read(tampered.socket);
    expect(error).toMatchObject({ name: "ProofError", segment: 1 });
    expect(session.proofs.length).toBe(1);
  }, 30_000);

  /** A server whose messages are others on their way. */
  const altered = (alter: (message: ServerMessage) => ServerMessage) =>
    keep(
      droppingProxy(
        server.socket,
        () => 0,
        (frame) => encodeServerMessage(alter(decodeServerMessage(frame))),
      ),
    ).url;

  test("the bits of security are computed here, not the server's word", async () => {
    const url = altered((message) => (message.type === "done" ? { ...message, security: 4096 } : message));
    const { session, events, error } = await read(url);
    expect(error).toBeUndefined();
    const { bits } = securityReport(session.started?.file.session as Session);
    expect(events.at(-1)).toMatchObject({ type: "done", security: bits });
  }, 30_000);

  test("a session with a sampler, which was not asked for, is rejected", async () => {
    const sampler = { temperature: 2 ** 10, minP: 0.5, logitScale: 2 ** 10, seed: 1 };
    const url = altered((message) => {
      if (message.type !== "started") return message;
      return { ...message, file: JSON.stringify({ ...JSON.parse(message.file), sampler }) };
    });
    const { error } = await read(url);
    expect(error).toMatchObject({ name: "ProofError", segment: null, check: "sampler" });
  }, 30_000);

  test("more tokens than were asked for are rejected", async () => {
    let position = PROMPT_LENGTH;
    const url = altered((message) => {
      if (message.type === "token") position = message.position + 1;
      const over = message.type === "segment" && position === PROMPT_LENGTH + request.maxTokens;
      return over ? { type: "token", position, id: 1, text: "" } : message;
    });
    const { error, session } = await read(url);
    expect(error).toMatchObject({ name: "ProofError", segment: null, check: "order" });
    expect(session.tokens.length).toBe(request.maxTokens);
  }, 30_000);

  test("a restarted server goes on with what is on its disk", async () => {
    const files = new MemoryFileSystem();
    const first = testServer({ files });
    const port = Number(new URL(first.url).port);
    let restarted = false;
    const result = await read(first.socket, { retryMs: 50 }, async (event) => {
      if (event.type !== "segment" || restarted) return;
      restarted = true;
      await first.close(0);
      keep(testServer({ files, database: first.database, port }));
    });
    expectWhole(result);
    expect(result.types.filter((type) => type === "reconnecting").length).toBeGreaterThan(0);
  }, 30_000);

  test("a restarted server proves what is missing, and what its disk has lost, and nothing else", async () => {
    const files = new MemoryFileSystem();
    const proven: number[] = [];
    const openProver: OpenProver = async (...args) => {
      const prover = await openInlineProver(...args);
      const begin: typeof prover.begin = (length) => {
        const run = prover.begin(length);
        const prove: typeof run.prove = (rows) => {
          proven.push(rows.position / request.segment);
          return run.prove(rows);
        };
        return { ...run, prove };
      };
      return { ...prover, begin };
    };
    const first = testServer({ files, openProver });
    const port = Number(new URL(first.url).port);
    const result = await read(first.socket, { retryMs: 50 }, async (event) => {
      if (event.type !== "segment" || event.index !== 1) return;
      await first.close(0);
      const [lost] = [...files.files.keys()].filter((path) => path.endsWith("0001.proof"));
      files.files.delete(lost as string);
      proven.push(-1);
      keep(testServer({ files, database: first.database, openProver, port }));
    });
    expectWhole(result);
    expect(proven.slice(proven.indexOf(-1))).toEqual([-1, 1, 2, 3]);
  }, 30_000);

  test("another model than the pinned one is rejected", async () => {
    const { error } = await read(server.socket, { modelId: "0".repeat(64) });
    expect(error).toMatchObject({ name: "ProofError", segment: null, check: "model id" });
  });

  test("nobody there: it gives up", async () => {
    const { error } = await read("ws://127.0.0.1:1/ws", { attempts: 2 });
    expect(error?.name).toBe("ConnectionError");
  });

  test("a stream that is cancelled cancels the session", async () => {
    const session = new ClientSession(server.socket, request, { profiles });
    const reader = session.readable.getReader();
    await reader.read();
    await reader.cancel();
    const url = `${server.url}v1/sessions/${session.started?.session}`;
    const status = async () => (await (await fetch(url)).json()).status;
    for (let i = 0; i < 100 && (await status()) === "running"; i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await status()).toBe("cancelled");
  });
});
