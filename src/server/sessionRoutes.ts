import { Hono } from "hono";
import { SESSION_ID } from "../client/wire/clientMessage.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";

/** Sessions and their proofs, by link. Reading takes no session up again. */
export function sessionRoutes(runs: Runs): Hono {
  const app = new Hono();
  const find = (id: string): Run => {
    const run = SESSION_ID.test(id) ? runs.find(id) : null;
    if (!run) throw new Refusal("not-found", "session: expected one that is kept here, found none");
    return run;
  };

  app.get("/:id", ({ req, json }) => {
    const run = find(req.param("id"));
    const { id, created, request, start, tokens, segments, ending, live, folded, final, foldEnding } = run;
    const url = `/v1/sessions/${id}`;
    return json({
      id,
      object: "starkstream.session",
      created: Math.floor(created / 1000),
      status: ending?.type ?? (live ? "running" : "interrupted"),
      ...(ending?.type === "failed" && { message: ending.message }),
      request,
      model_id: start?.modelId ?? null,
      prompt_tokens: start?.promptTokens ?? [],
      tokens: tokens.map((token) => token.id),
      text: tokens.map((token) => token.text).join(""),
      segments: segments.map((segment) => ({ ...segment, url: `${url}/segments/${segment.index}` })),
      session_file: start && `${url}/session.json`,
      folded: final ? segments.length : folded ? folded.index + 1 : 0,
      final: final && { ...final, url: `${url}/final`, file: `${url}/fold.json` },
      ...(foldEnding?.type === "failed" && { final_message: foldEnding.message }),
    });
  });

  app.get("/:id/session.json", ({ req, body }) => {
    const { start, ending, segments } = find(req.param("id"));
    if (!start) throw new Refusal("not-found", "session.json: expected a session that has begun, found none");
    const file = { ...JSON.parse(start.file), segments: ending?.type === "done" ? segments.length : null };
    return body(`${JSON.stringify(file, null, 2)}\n`, 200, { "content-type": "application/json" });
  });

  app.get("/:id/segments/:index", async ({ req, body }) => {
    const run = find(req.param("id"));
    const text = req.param("index");
    const info = /^\d{1,6}$/.test(text) ? run.segments[Number(text)] : undefined;
    if (!info)
      throw new Refusal(
        "not-found",
        `segment: expected one below ${run.segments.length}, found ${text.slice(0, 20)}`,
      );
    const proof = await run.kept.readProof(info.index);
    return body(Uint8Array.from(proof), 200, { "content-type": "application/octet-stream" });
  });

  const readFinal = (id: string) => {
    const run = find(id);
    if (!run.final)
      throw new Refusal("not-found", "final: expected a session that was folded, found another");
    return run.kept.readFinal();
  };
  app.get("/:id/final", async ({ req, body }) => {
    const { proof } = await readFinal(req.param("id"));
    return body(Uint8Array.from(proof), 200, { "content-type": "application/octet-stream" });
  });
  app.get("/:id/fold.json", async ({ req, body }) =>
    body((await readFinal(req.param("id"))).file, 200, { "content-type": "application/json" }),
  );
  return app;
}
