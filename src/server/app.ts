import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { isAuthorized } from "./bearer.ts";
import { errorBody, refusalResponse } from "./errorBody.ts";
import { isOwnOrigin } from "./isOwnOrigin.ts";
import type { Metrics } from "./metrics.ts";
import { completions } from "./openai/completions.ts";
import type { Settings } from "./options.ts";
import { pageRoutes } from "./pageRoutes.ts";
import { Refusal } from "./refusal.ts";
import type { Runs } from "./runs.ts";
import type { ServerEnv } from "./serverEnv.ts";
import { sessionRoutes } from "./sessionRoutes.ts";

const MAX_BODY = 2 ** 16;

/** Everything that is asked over HTTP; WebSockets are the adapters' and `SocketSession`'s. */
export function createApp(runs: Runs, metrics: Metrics, settings: Settings): Hono<ServerEnv> {
  const { corsOrigins, tokenSecret, log, name } = settings;
  const app = new Hono<ServerEnv>();

  app.use(requestId());
  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    metrics.add("http_requests");
    // on every answer, also those that were not made with the context
    context.header("x-request-id", context.var.requestId);
    const { method, path } = context.req;
    const ms = Math.round(performance.now() - start);
    // paths of sessions name them, and who knows the name can read: only the kind is logged
    const kind = path.replace(/[0-9a-f]{32}/, "…");
    log({ event: "request", id: context.var.requestId, method, path: kind, status: context.res.status, ms });
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        workerSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      strictTransportSecurity: false, // whoever ends TLS before this server decides that
    }),
  );
  if (corsOrigins.length > 0) app.use(cors({ origin: [...corsOrigins], exposeHeaders: ["x-request-id"] }));
  const guard = async (request: Request) => {
    if (await isAuthorized(request, tokenSecret)) return null;
    const body = errorBody("authorization: expected the server's bearer token, found another or none", {
      code: "invalid_api_key",
    });
    return Response.json(body, { status: 401, headers: { "www-authenticate": "Bearer" } });
  };
  for (const path of ["/v1/*", "/metrics"]) {
    app.use(path, async (context, next) => {
      const refused = await guard(context.req.raw);
      if (refused) return refused;
      await next();
    });
  }
  app.use("/v1/*", async (context, next) => {
    if (!isOwnOrigin(context.req.raw, corsOrigins))
      return Response.json(errorBody("origin: expected this server's own", { code: "origin" }), {
        status: 403,
      });
    await next();
  });
  const onError = () => {
    throw new Refusal("too-large", `body: expected at most ${MAX_BODY} bytes, found more`);
  };
  app.use("/v1/*", bodyLimit({ maxSize: MAX_BODY, onError }));

  app.get("/healthz", ({ json }) => json({ status: "ok" }));
  app.get("/metrics", ({ text }) =>
    text(metrics.text(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
  const starkstream = { capacity: settings.model.config.capacity, folds: settings.fold };
  const model = { id: name, object: "model", created: 0, owned_by: "starkstream", starkstream };
  app.get("/v1/models", ({ json }) => json({ object: "list", data: [model] }));
  app.get(`/v1/models/${encodeURIComponent(name)}`, ({ json }) => json(model));
  app.post("/v1/completions", completions(runs, settings, false));
  app.post("/v1/chat/completions", completions(runs, settings, true));
  app.route("/v1/sessions", sessionRoutes(runs));
  app.route("/", pageRoutes());

  app.notFound(({ req }) =>
    Response.json(
      errorBody(`${req.method} ${req.path.slice(0, 100)}: expected a known path`, { code: "not_found" }),
      {
        status: 404,
      },
    ),
  );
  app.onError((error) => {
    if (error instanceof Refusal) return refusalResponse(error);
    if (error instanceof HTTPException) return error.getResponse();
    log({ event: "failure", message: String(error) });
    return refusalResponse(new Refusal("failed", "the server failed"));
  });
  return app;
}
