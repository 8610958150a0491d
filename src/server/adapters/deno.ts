import { type Server, type Socket, SOCKET_PATH, subprotocolOf } from "../createServer.ts";
import type { Link } from "../socketSession.ts";
import type { Listening, ListenOptions } from "./listening.ts";

/** The little of Deno that is used here. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (
      request: Request,
      info: { readonly remoteAddr: { readonly hostname: string } },
    ) => Response | Promise<Response>,
  ): { readonly addr: { readonly hostname: string; readonly port: number }; shutdown(): Promise<void> };
  upgradeWebSocket(
    request: Request,
    options: { protocol?: string; idleTimeout: number },
  ): { socket: WebSocket; response: Response };
};

/** Serves under Deno. */
export function serveDeno(
  server: Server,
  { host = "127.0.0.1", port = 8080 }: ListenOptions = {},
): Listening {
  const open = async (request: Request, client: string): Promise<Response> => {
    const refused = await server.refuseSocket(request, client);
    if (refused) return refused;
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: subprotocolOf(request),
      idleTimeout: 120,
    });
    socket.binaryType = "arraybuffer";
    let session: Socket | undefined;
    socket.onopen = () => {
      const link: Link = {
        send: (bytes) => socket.readyState === WebSocket.OPEN && socket.send(bytes),
        close: (code, reason) => socket.close(code, reason),
      };
      session = server.connect(link, client);
    };
    socket.onmessage = ({ data }) =>
      session?.receive(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    socket.onerror = () => session?.closed();
    socket.onclose = () => session?.closed();
    return response;
  };
  const listener = Deno.serve({ hostname: host, port, onListen: () => {} }, (request, { remoteAddr }) =>
    new URL(request.url).pathname === SOCKET_PATH
      ? open(request, remoteAddr.hostname)
      : server.fetch(request, remoteAddr.hostname),
  );
  const { hostname, port: bound } = listener.addr;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${bound}/`,
    close: async (graceMs) => {
      await server.close(graceMs);
      await Promise.race([listener.shutdown(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    },
  };
}
