import { MAX_CLIENT_FRAME } from "../../client/wire/messages.ts";
import { type Server, type Socket, SOCKET_PATH, subprotocolOf } from "../createServer.ts";
import type { Link } from "../socketSession.ts";
import type { Listening, ListenOptions } from "./listening.ts";

/** What goes with a socket. */
interface SocketData {
  readonly client: string;
  session?: Socket;
}

interface BunSocket {
  readonly data: SocketData;
  send(bytes: Uint8Array<ArrayBuffer>): unknown;
  close(code: number, reason: string): void;
}

interface BunServer {
  readonly url: URL;
  requestIP(request: Request): { readonly address: string } | null;
  upgrade(request: Request, options: { data: SocketData; headers?: Record<string, string> }): boolean;
  stop(closeActive: boolean): Promise<void>;
}

/** The little of Bun that is used here: who type-checks under Deno has not its types. */
interface BunRuntime {
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    fetch(request: Request, server: BunServer): Promise<Response | undefined>;
    websocket: {
      maxPayloadLength: number;
      perMessageDeflate: boolean;
      idleTimeout: number;
      open(socket: BunSocket): void;
      message(socket: BunSocket, data: unknown): void;
      close(socket: BunSocket): void;
    };
  }): BunServer;
}

/** Serves under Bun. */
export function serveBun(server: Server, { host = "127.0.0.1", port = 8080 }: ListenOptions = {}): Listening {
  const { Bun } = globalThis as unknown as { readonly Bun: BunRuntime };
  const listener = Bun.serve({
    hostname: host,
    port,
    idleTimeout: 0, // a completion may take its time; sockets have their own
    async fetch(request, bun) {
      const client = bun.requestIP(request)?.address ?? "";
      if (new URL(request.url).pathname !== SOCKET_PATH) return server.fetch(request, client);
      const refused = await server.refuseSocket(request, client);
      if (refused) return refused;
      const protocol = subprotocolOf(request);
      const headers = protocol === undefined ? undefined : { "sec-websocket-protocol": protocol };
      if (bun.upgrade(request, { data: { client }, headers })) return undefined;
      return new Response("expected a WebSocket\n", { status: 400 });
    },
    websocket: {
      maxPayloadLength: MAX_CLIENT_FRAME,
      perMessageDeflate: false,
      idleTimeout: 120,
      open(socket) {
        const link: Link = {
          send: (bytes) => void socket.send(bytes),
          close: (code, reason) => socket.close(code, reason),
        };
        socket.data.session = server.connect(link, socket.data.client);
      },
      message: (socket, data) => socket.data.session?.receive(data),
      close: (socket) => socket.data.session?.closed(),
    },
  });
  return {
    url: listener.url.href,
    close: async (graceMs) => {
      await server.close(graceMs);
      await listener.stop(true);
    },
  };
}
