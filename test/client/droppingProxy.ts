/** Passes frames between a client and a server, and drops each socket after so many frames of the server; these may be altered. */
export function droppingProxy(
  target: string,
  framesOf: (socket: number) => number,
  alter: (frame: Uint8Array) => Uint8Array<ArrayBuffer> = (frame) => Uint8Array.from(frame),
) {
  let sockets = 0;
  interface Pair {
    upstream?: WebSocket;
  }
  const server = Bun.serve<Pair>({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, bun) =>
      bun.upgrade(request, { data: {}, headers: { "sec-websocket-protocol": "starkstream.1" } })
        ? undefined
        : new Response("expected a WebSocket", { status: 400 }),
    websocket: {
      open(client) {
        let left = framesOf(sockets++);
        const upstream = new WebSocket(target, ["starkstream.1"]);
        upstream.binaryType = "arraybuffer";
        client.data.upstream = upstream;
        upstream.onmessage = ({ data }) => {
          client.send(alter(new Uint8Array(data as ArrayBuffer)));
          if (--left === 0) {
            upstream.close();
            client.terminate();
          }
        };
        upstream.onclose = () => client.close();
      },
      message(client, data) {
        const { upstream } = client.data;
        if (upstream?.readyState === WebSocket.OPEN) upstream.send(data);
        else upstream?.addEventListener("open", () => upstream.send(data));
      },
      close: (client) => client.data.upstream?.close(),
    },
  });
  return { url: `ws://127.0.0.1:${server.port}/`, close: () => server.stop(true) };
}
