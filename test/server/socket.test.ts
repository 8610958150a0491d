import { afterAll, describe, expect, test } from "bun:test";
import { packFrame } from "../../src/client/wire/frame.ts";
import { MAX_CLIENT_FRAME } from "../../src/client/wire/messages.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { fakeProver } from "../session/fakeProver.ts";
import { RawSocket } from "./rawSocket.ts";
import { PROMPT, type TestServer, testServer } from "./testServer.ts";

const servers: TestServer[] = [];
const serve = (...args: Parameters<typeof testServer>) => {
  const server = testServer(...args);
  servers.push(server);
  return server;
};
afterAll(() => Promise.all(servers.map((server) => server.close(0))));

const start = {
  type: "start",
  prompt: PROMPT,
  maxTokens: 20,
  segment: 8,
  final: false,
  credit: 2 ** 20,
} as const;
const quick = { openProver: fakeProver() };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a socket", () => {
  const shared = serve({ ...quick, patienceMs: 5000 });

  test("hello, started, tokens and segments in order, done", async () => {
    const raw = await RawSocket.open(shared.socket);
    raw.send(start);
    await raw.until(() => raw.closed !== undefined);
    expect(raw.messages[0]).toMatchObject({ type: "hello", model: "tiny", capacity: 64 });
    expect(raw.messages[1]?.type).toBe("started");
    expect(raw.messages.at(-1)).toMatchObject({ type: "done", segments: raw.of("segment").length });
    expect(raw.of("token").map(({ position }) => position)).toEqual(raw.of("token").map((_, i) => 6 + i));
    expect(raw.of("segment").map(({ index }) => index)).toEqual(raw.of("segment").map((_, i) => i));
    expect(raw.closed).toMatchObject({ code: 1000 });
    expect(raw.socket.protocol).toBe("starkstream.1");
  });

  const frames: [string, Uint8Array<ArrayBuffer> | string, RegExp][] = [
    ["text", "hello", /expected a binary one/],
    ["nothing", new Uint8Array(0), /more bytes|one value/],
    ["noise", Uint8Array.from({ length: 100 }, (_, i) => (i * 37 + 11) & 255), /message|frame/],
    ["an extension type", Uint8Array.of(0xd4, 0x01, 0x00), /plain values/],
    ["an array that claims four billion entries", Uint8Array.of(0xdd, 255, 255, 255, 255), /entries/],
    ["deep nesting", new Uint8Array(1000).fill(0x91), /depth/],
    ["two values", Uint8Array.of(0xc0, 0xc0), /one value/],
    ["another version", packFrame({ ...start, v: 2 }), /v: expected/],
    ["an unknown type", packFrame({ v: 1, type: "fold" }), /type: expected/],
    ["an unknown field", packFrame({ v: 1, ...start, color: 1 }), /no field "color"/],
    ["a number that is none", packFrame({ v: 1, ...start, maxTokens: "9" }), /maxTokens: expected/],
    ["a negative credit", packFrame({ v: 1, ...start, credit: -1 }), /credit: expected/],
    ["an ack before a session", packFrame({ v: 1, type: "ack", credit: 1 }), /expected a session/],
    [
      "a session that is a path",
      packFrame({ v: 1, type: "resume", session: "../../etc", from: {}, credit: 1 }),
      /hexadecimal/,
    ],
  ];
  for (const [name, frame, message] of frames) {
    test(`refuses ${name}`, async () => {
      const raw = await RawSocket.open(shared.socket);
      raw.socket.send(frame);
      await raw.until(() => raw.closed !== undefined);
      expect(raw.of("error")[0]).toMatchObject({
        code: "bad-message",
        message: expect.stringMatching(message),
      });
    });
  }

  test("closes at an oversize frame", async () => {
    const raw = await RawSocket.open(shared.socket);
    raw.socket.send(new Uint8Array(MAX_CLIENT_FRAME + 1));
    await raw.until(() => raw.closed !== undefined);
    expect(raw.of("started")).toEqual([]);
  });

  test("closes at a flood of frames", async () => {
    const raw = await RawSocket.open(shared.socket);
    raw.send({ ...start, credit: 1 });
    await raw.until(() => raw.of("started").length === 1);
    for (let i = 0; i < 2000; i++) raw.send({ type: "cancel" });
    await raw.until(() => raw.closed !== undefined);
    expect(raw.of("error").length).toBe(1);
  });

  test("refuses what the model cannot do", async () => {
    for (const [change, message] of [
      [{ maxTokens: 60 }, /at most 59/],
      [{ prompt: "" }, /some text/],
      [{ prompt: "a".repeat(10_000) }, /at most 512 characters/],
      [{ segment: 12 }, /power of two/],
    ] as const) {
      const raw = await RawSocket.open(shared.socket);
      raw.send({ ...start, ...change });
      await raw.until(() => raw.closed !== undefined);
      expect(raw.of("error")[0]).toMatchObject({
        code: "bad-request",
        message: expect.stringMatching(message),
      });
    }
  });

  test("an unknown session is not found", async () => {
    const raw = await RawSocket.open(shared.socket);
    raw.send({ type: "resume", session: "0".repeat(32), from: { tokens: 0, segments: 0 }, credit: 1 });
    await raw.until(() => raw.closed !== undefined);
    expect(raw.of("error")[0]?.code).toBe("not-found");
  });
});

describe("limits", () => {
  test("a reader that never acks gets its credit and one frame, then is let go; it can resume", async () => {
    const server = serve({ ...quick, patienceMs: 300 });
    const raw = await RawSocket.open(server.socket);
    raw.send({ ...start, maxTokens: 50, credit: 2000 });
    await raw.until(() => raw.closed !== undefined);
    expect(raw.of("error")[0]?.code).toBe("slow-reader");
    const started = raw.of("started")[0];
    if (!started) throw new Error("expected a session");
    const last = await RawSocket.open(server.socket);
    const from = { tokens: raw.of("token").length, segments: raw.of("segment").length };
    expect(from.tokens).toBeLessThan(50);
    last.send({ type: "resume", session: started.session, from, credit: 2 ** 20 });
    await last.until(() => last.closed !== undefined);
    expect(last.of("done").length).toBe(1);
    expect(from.tokens + last.of("token").length).toBe(50);
  });

  test("a slow reader holds decode back", async () => {
    const server = serve({ ...quick, maxLead: 4 });
    const raw = await RawSocket.open(server.socket);
    raw.send({ ...start, maxTokens: 50, credit: 1 });
    await raw.until(() => raw.of("started").length === 1);
    await pause(200);
    const metrics = await (await fetch(`${server.url}metrics`)).text();
    expect(Number(/^starkstream_tokens_total (\d+)/m.exec(metrics)?.[1])).toBeLessThanOrEqual(4);
    raw.send({ type: "cancel" });
    raw.send({ type: "ack", credit: 2 ** 20 });
    await raw.until(() => raw.closed !== undefined);
    expect(raw.of("error")[0]?.code).toBe("cancelled");
  });

  test("a full server says so at once, and has room again", async () => {
    const server = serve({ ...quick, maxSessions: 2, maxLead: 2 });
    const full = await Promise.all([RawSocket.open(server.socket), RawSocket.open(server.socket)]);
    for (const raw of full) raw.send({ ...start, credit: 1 });
    for (const raw of full) await raw.until(() => raw.of("started").length === 1);
    const third = await RawSocket.open(server.socket);
    third.send(start);
    await third.until(() => third.closed !== undefined);
    expect(third.of("error")[0]).toMatchObject({ code: "overloaded", retryAfter: 5 });
    const body = JSON.stringify({ prompt: PROMPT, max_tokens: 4 });
    const refused = await fetch(`${server.url}v1/completions`, { method: "POST", body });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    for (const raw of full) raw.send({ type: "ack", credit: 2 ** 20 });
    for (const raw of full) await raw.until(() => raw.of("done").length === 1);
    const fourth = await RawSocket.open(server.socket);
    fourth.send(start);
    await fourth.until(() => fourth.of("done").length === 1);
  });

  test("a session without readers is interrupted, and goes on when it is resumed", async () => {
    const server = serve({ ...quick, lingerMs: 50, maxLead: 4 });
    const raw = await RawSocket.open(server.socket);
    raw.send({ ...start, maxTokens: 30, credit: 1 });
    await raw.until(() => raw.of("started").length === 1);
    const session = raw.of("started")[0]?.session ?? "";
    raw.socket.close();
    const status = async () => (await (await fetch(`${server.url}v1/sessions/${session}`)).json()).status;
    for (let i = 0; i < 50 && (await status()) === "running"; i++) await pause(20);
    expect(await status()).toBe("interrupted");
    const again = await RawSocket.open(server.socket);
    again.send({ type: "resume", session, from: { tokens: 0, segments: 0 }, credit: 2 ** 20 });
    await again.until(() => again.of("done").length === 1);
    expect(again.of("token").length).toBe(30);
    expect(await status()).toBe("done");
  });

  test("a server of another model leaves an interrupted session as it was", async () => {
    const { files, database, close, socket } = serve({ openProver: fakeProver({ proveMs: 200 }) });
    const raw = await RawSocket.open(socket);
    raw.send({ ...start, maxTokens: 30 });
    await raw.until(() => raw.of("segment").length === 1);
    const session = raw.of("started")[0]?.session ?? "";
    await close(0);
    const resume = { type: "resume", session, from: { tokens: 0, segments: 0 }, credit: 2 ** 20 } as const;
    const other = await RawSocket.open(
      serve({ ...quick, files, database, model: tinyModel({ capacity: 64, seed: 2 }) }).socket,
    );
    other.send(resume);
    await other.until(() => other.closed !== undefined);
    expect(other.of("error")[0]).toMatchObject({
      code: "failed",
      message: expect.stringContaining("as before"),
    });
    const right = await RawSocket.open(serve({ ...quick, files, database }).socket);
    right.send(resume);
    await right.until(() => right.closed !== undefined);
    expect(right.of("done")[0]).toMatchObject({ tokens: 30 });
  });

  test("one client has a part of the places: 429 to it, room for others", async () => {
    const server = serve({ ...quick, maxSessionsPerClient: 1, maxSocketsPerClient: 3 });
    const first = await RawSocket.open(server.socket);
    first.send({ ...start, credit: 1 });
    await first.until(() => first.of("started").length === 1);
    const second = await RawSocket.open(server.socket);
    second.send(start);
    await second.until(() => second.closed !== undefined);
    expect(second.of("error")[0]).toMatchObject({ code: "too-many", retryAfter: 5 });
    const body = JSON.stringify({ prompt: PROMPT, max_tokens: 4 });
    const refused = await fetch(`${server.url}v1/completions`, { method: "POST", body });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
    const idle = await Promise.all([0, 1, 2].map(() => RawSocket.open(server.socket)));
    expect(idle.filter(({ messages }) => messages.length > 0).length).toBeLessThan(3);
    for (const { socket } of [first, ...idle]) socket.close();
  });

  test("a third number of rows finds no prover while two are in use", async () => {
    const server = serve({ ...quick, maxLead: 1 });
    const open = async (segment: number) => {
      const raw = await RawSocket.open(server.socket);
      raw.send({ ...start, segment, credit: 1 });
      await raw.until(() => raw.of("started").length + raw.of("error").length === 1);
      return raw;
    };
    const [four, eight, sixteen] = [await open(4), await open(8), await open(16)];
    expect(sixteen.of("error")[0]).toMatchObject({
      code: "overloaded",
      message: expect.stringMatching("4 or 8 rows"),
    });
    const again = await open(8);
    expect(again.of("started").length).toBe(1);
    for (const { socket } of [four, eight, again]) socket.close();
  });

  test("200 idle sockets harm nobody", async () => {
    const server = serve(quick);
    const idle = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(server.socket)));
    const raw = await RawSocket.open(server.socket);
    raw.send(start);
    await raw.until(() => raw.of("done").length === 1);
    for (const { socket } of idle) socket.close();
  });

  test("sockets of other origins, and without the token, are refused", async () => {
    const server = serve({ ...quick, tokenSecret: "s3cret" });
    const origin = await RawSocket.open(server.socket, {
      headers: { origin: "http://elsewhere.example", authorization: "Bearer s3cret" },
    });
    const nobody = await RawSocket.open(server.socket);
    const other = await RawSocket.open(server.socket, ["starkstream.1", `bearer.${btoa("s3creT")}`]);
    for (const raw of [origin, nobody, other]) expect(raw.messages).toEqual([]);
    const right = await RawSocket.open(server.socket, ["starkstream.1", `bearer.${btoa("s3cret")}`]);
    await right.until(() => right.of("hello").length === 1);
    right.socket.close();
  });
});
