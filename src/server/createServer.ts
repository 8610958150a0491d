import { SUBPROTOCOL } from "../client/wire/messages.ts";
import { createApp } from "./app.ts";
import { isAuthorized } from "./bearer.ts";
import { refusalResponse, errorBody } from "./errorBody.ts";
import { isOwnOrigin } from "./isOwnOrigin.ts";
import { Metrics } from "./metrics.ts";
import type { ServerOptions } from "./options.ts";
import { Refusal } from "./refusal.ts";
import { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";
import { type Link, SocketSession } from "./socketSession.ts";

/** The server without a runtime: an adapter brings requests and sockets to it. */
export interface Server {
  /**
   * Answers a request that is no WebSocket.
   *
   * @param client the peer's address, or whatever tells clients apart
   */
  fetch(request: Request, client: string): Response | Promise<Response>;
  /** Whether a request for `/ws` may become a socket: null, or the answer that it may not. */
  refuseSocket(request: Request, client: string): Promise<Response | null>;
  /** A socket has opened. */
  connect(link: Link, client: string): Socket;
  /** Lets sessions finish the segment in hand, for at most so long, and tells the readers. */
  close(graceMs?: number): Promise<void>;
}

/** A socket's events, as an adapter passes them on. */
export interface Socket {
  /** A frame came in. Nothing is thrown, whatever it is. */
  receive(data: unknown): void;
  /** The socket is gone. */
  closed(): void;
}

export const SOCKET_PATH = "/ws";

/**
 * A server of one model.
 *
 * @example
 * ```ts
 * const { model, tokenizer } = await embeddedModel();
 * const directory = "sessions";
 * const database = nodeDatabase(`${directory}/sessions.db`);
 * const server = createServer({ model, tokenizer, database, files: nodeFileSystem, directory });
 * serveBun(server, { port: 8080 });
 * ```
 */
export function createServer(options: ServerOptions): Server {
  const settings = settingsOf(options);
  const metrics = new Metrics();
  const runs = new Runs(settings, metrics);
  const app = createApp(runs, metrics, settings);
  const sockets = new Set<SocketSession>();
  metrics.gauge("sockets_open", "Sockets that are open.", () => sockets.size);
  const host = { runs, metrics, settings, left: (session: SocketSession) => void sockets.delete(session) };
  let closing = false;

  const refuseSocket = async (request: Request, client: string): Promise<Response | null> => {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
      return new Response("expected a WebSocket\n", { status: 426, headers: { upgrade: "websocket" } });
    if (!isOwnOrigin(request, settings.corsOrigins))
      return Response.json(errorBody("origin: expected this server's own", { code: "origin" }), {
        status: 403,
      });
    if (!(await isAuthorized(request, settings.tokenSecret)))
      return Response.json(errorBody("expected the server's bearer token", { code: "invalid_api_key" }), {
        status: 401,
      });
    if (closing) return refusalResponse(new Refusal("shutdown", "the server is about to stop", 5));
    const { maxSockets, maxSocketsPerClient } = settings;
    const own = [...sockets].filter((socket) => socket.client === client).length;
    if (own >= maxSocketsPerClient)
      return refusalResponse(
        new Refusal("too-many", `sockets: expected fewer than ${maxSocketsPerClient} of yours`, 5),
      );
    if (sockets.size >= maxSockets)
      return refusalResponse(
        new Refusal("overloaded", `sockets: expected fewer than ${maxSockets}, found as many`, 5),
      );
    return null;
  };

  return {
    fetch: (request, client) => app.fetch(request, { client }),
    refuseSocket,
    connect: (link, client) => {
      const session = new SocketSession(link, host, client);
      sockets.add(session);
      return session;
    },
    close: async (graceMs = 10_000) => {
      closing = true;
      await runs.close(graceMs);
      // readers of interrupted sessions have been told; these wait for a first message
      for (const session of [...sockets]) session.shutdown();
    },
  };
}

/** The subprotocol to answer with, if the client asked for it. */
export function subprotocolOf(request: Request): string | undefined {
  const asked = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return asked.includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined;
}
