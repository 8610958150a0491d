import { afterAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { verifyChain } from "../../src/segment/verify.ts";
import { parseSession } from "../../src/session/sessionFile.ts";
import { fakeProver } from "../session/fakeProver.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { PROMPT, PROMPT_LENGTH, testServer } from "./testServer.ts";

const logged: Record<string, unknown>[] = [];
const server = testServer({
  openProver: fakeProver(),
  log: (entry) => void logged.push(entry),
  maxSessions: 8,
});
const proving = testServer();
const secret = testServer({
  openProver: fakeProver(),
  tokenSecret: "s3cret",
  corsOrigins: ["https://page.example"],
});
afterAll(() => Promise.all([server, proving, secret].map((each) => each.close(0))));

const at = (path: string) => `${server.url}${path}`;
const post = (path: string, body: unknown, init: RequestInit = {}) =>
  fetch(at(path), { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), ...init });
const completion = { model: "tiny", prompt: PROMPT, max_tokens: 12, starkstream: { segment: 8 } };

interface Sent {
  readonly event: string | null;
  readonly data: string;
}

/** A plain reader of server-sent events. */
async function sentEvents(response: Response): Promise<Sent[]> {
  const blocks = (await response.text()).split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => {
    const line = (name: string) =>
      block
        .split("\n")
        .find((each) => each.startsWith(`${name}: `))
        ?.slice(name.length + 2) ?? null;
    return { event: line("event"), data: line("data") ?? "" };
  });
}

describe("completions", () => {
  test("whole: text, usage, and a link to the proofs", async () => {
    const response = await post("v1/completions", completion);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBeTruthy();
    const body = await response.json();
    expect(body).toMatchObject({
      object: "text_completion",
      model: "tiny",
      choices: [{ index: 0, finish_reason: "length" }],
      usage: { prompt_tokens: PROMPT_LENGTH, completion_tokens: 12, total_tokens: 18 },
    });
    const linked = await (await fetch(at(body.starkstream.url.slice(1)))).json();
    expect(linked.text).toBe(body.choices[0].text);
  });

  test("streamed: the same text, segments as named events, usage, [DONE]", async () => {
    const whole = await (await post("v1/completions", completion)).json();
    const response = await post("v1/completions", {
      ...completion,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = await sentEvents(response);
    expect(events.at(-1)).toEqual({ event: null, data: "[DONE]" });
    const chunks = events.slice(0, -1).map(({ event, data }) => ({ event, ...JSON.parse(data) }));
    const texts = chunks.filter(({ event }) => event === null).map(({ choices }) => choices[0]?.text ?? "");
    expect(texts.join("")).toBe(whole.choices[0].text);
    expect(chunks.flatMap(({ choices }) => choices).at(-1).finish_reason).toBe("length");
    const segments = chunks.filter(({ event }) => event === "segment");
    expect(segments.map(({ starkstream }) => starkstream.segment.index)).toEqual([0, 1, 2]);
    expect(chunks.at(-1).usage.completion_tokens).toBe(12);
  });

  test("proofs come inline when asked for, and by link, and verify", async () => {
    const response = await fetch(`${proving.url}v1/completions`, {
      method: "POST",
      body: JSON.stringify({ ...completion, stream: true, starkstream: { segment: 8, proofs: "inline" } }),
    });
    const segments = (await sentEvents(response))
      .filter(({ event }) => event === "segment")
      .map(({ data }) => JSON.parse(data).starkstream);
    const inline = segments.map(({ proof }) => Uint8Array.from(atob(proof), (c) => c.charCodeAt(0)));
    const url = `${proving.url}v1/sessions/${segments[0].session}`;
    const file = parseSession(await (await fetch(`${url}/session.json`)).text(), [testProfile]);
    expect(file.segments).toBe(segments.length);
    expect(verifyChain(file.session, inline, file.modelId).ok).toBe(true);
    for (const [i, proof] of inline.entries()) {
      const linked = new Uint8Array(await (await fetch(`${url}/segments/${i}`)).arrayBuffer());
      expect(Buffer.compare(linked, proof)).toBe(0);
    }
    expect((await fetch(`${url}/segments/99`)).status).toBe(404);
  }, 30_000);

  test("a client that goes away cancels its session", async () => {
    const controller = new AbortController();
    const body = { ...completion, max_tokens: 50, stream: true };
    const response = await post("v1/completions", body, { signal: controller.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    const id = /cmpl-([0-9a-f]{32})/.exec(new TextDecoder().decode(value))?.[1];
    controller.abort();
    await reader.cancel().catch(() => {});
    const status = async () => (await (await fetch(at(`v1/sessions/${id}`))).json()).status;
    for (let i = 0; i < 100 && (await status()) === "running"; i++) await Bun.sleep(20);
    expect(["cancelled", "done"]).toContain(await status());
  });

  const bad: [string, string, unknown, number, string | null][] = [
    ["no JSON", "v1/completions", "{", 400, null],
    ["no object", "v1/completions", "[]", 400, null],
    ["no prompt", "v1/completions", {}, 400, "prompt"],
    ["too many tokens", "v1/completions", { prompt: "a", max_tokens: 1000 }, 400, "tokens"],
    ["a number as text", "v1/completions", { prompt: "a", max_tokens: "9" }, 400, "max_tokens"],
    ["two answers", "v1/completions", { prompt: "a", n: 2 }, 400, "n"],
    ["stop words", "v1/completions", { prompt: "a", stop: ["b"] }, 400, "stop"],
    ["another model", "v1/completions", { prompt: "a", model: "gpt" }, 404, "model"],
    ["no messages", "v1/chat/completions", { messages: [] }, 400, "messages"],
    [
      "an image",
      "v1/chat/completions",
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      400,
      "messages",
    ],
    ["a body that is too large", "v1/completions", { prompt: "a".repeat(70_000) }, 413, null],
  ];
  for (const [name, path, body, status, param] of bad) {
    test(`refuses ${name}`, async () => {
      const response = await post(path, body);
      expect(response.status).toBe(status);
      const { error } = await response.json();
      expect(error).toMatchObject({ type: "invalid_request_error", param, message: expect.any(String) });
    });
  }
});

describe("the official client", () => {
  const client = new OpenAI({ baseURL: at("v1"), apiKey: "none", maxRetries: 0 });

  test("completions and chat, whole and streamed, say the same", async () => {
    const whole = await client.completions.create({ model: "tiny", prompt: PROMPT, max_tokens: 9 });
    const text = whole.choices[0]?.text as string;
    const messages = [{ role: "user" as const, content: PROMPT }];
    const chat = await client.chat.completions.create({ model: "tiny", messages, max_completion_tokens: 9 });
    expect(chat.choices[0]?.message.content).toBe(text);
    const stream = await client.chat.completions.create({
      model: "tiny",
      messages,
      max_tokens: 9,
      stream: true,
      stream_options: { include_usage: true },
    });
    let streamed = "";
    let total = 0;
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? "";
      total = chunk.usage?.total_tokens ?? total;
    }
    expect(streamed).toBe(text);
    expect(total).toBe(PROMPT_LENGTH + 9);
  });

  test("models, and errors as its own types", async () => {
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names).toEqual(["tiny"]);
    const caught = (promise: PromiseLike<unknown>) =>
      promise.then(
        () => null,
        (error: unknown) => error,
      );
    const wrong = await caught(client.completions.create({ model: "other", prompt: PROMPT }));
    expect(wrong).toBeInstanceOf(OpenAI.NotFoundError);
    const nobody = new OpenAI({ baseURL: `${secret.url}v1`, apiKey: "wrong", maxRetries: 0 });
    expect(await caught(nobody.models.list())).toBeInstanceOf(OpenAI.AuthenticationError);
    const known = new OpenAI({ baseURL: `${secret.url}v1`, apiKey: "s3cret", maxRetries: 0 });
    expect((await known.models.list()).data.length).toBe(1);
  });
});

describe("the rest", () => {
  test("health, metrics, headers, unknown paths", async () => {
    const health = await fetch(at("healthz"));
    expect(await health.json()).toEqual({ status: "ok" });
    expect(health.headers.get("x-content-type-options")).toBe("nosniff");
    expect(health.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(health.headers.get("access-control-allow-origin")).toBeNull();
    expect(await (await fetch(at("metrics"))).text()).toMatch(/^starkstream_http_requests_total \d+$/m);
    expect((await fetch(at("nothing"))).status).toBe(404);
    expect((await fetch(at("ws"))).status).toBe(426);
    for (const id of ["0".repeat(32), "..%2f..%2fetc", "x"])
      expect((await fetch(at(`v1/sessions/${id}`))).status).toBe(404);
  });

  test("logs name no session as a whole", () => {
    expect(logged.filter(({ event }) => event === "request").length).toBeGreaterThan(5);
    expect(logged.filter(({ event }) => event === "session").length).toBeGreaterThan(2);
    expect(logged.some((entry) => /[0-9a-f]{32}/.test(JSON.stringify(entry)))).toBe(false);
  });

  test("other origins only where they were allowed; health without the token", async () => {
    const headers = { origin: "https://page.example", authorization: "Bearer s3cret" };
    const response = await fetch(`${secret.url}v1/models`, { headers });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://page.example");
    const other = { origin: "https://elsewhere.example", authorization: "Bearer s3cret" };
    expect((await fetch(`${secret.url}v1/models`, { headers: other })).status).toBe(403);
    expect((await fetch(`${secret.url}v1/models`)).status).toBe(401);
    expect((await fetch(`${secret.url}metrics`)).status).toBe(401);
    expect((await fetch(`${secret.url}healthz`)).status).toBe(200);
  });
});
