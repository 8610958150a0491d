import { encodeClientMessage } from "../../src/client/wire/clientMessage.ts";
import { type ClientMessage, type ServerMessage, SUBPROTOCOL } from "../../src/client/wire/messages.ts";
import { decodeServerMessage } from "../../src/client/wire/serverMessage.ts";

/** A socket that does only what a test says. */
export class RawSocket {
  readonly messages: ServerMessage[] = [];
  bytes = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  #wake = Promise.withResolvers<void>();

  private constructor(readonly socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      this.bytes += data.byteLength;
      this.messages.push(decodeServerMessage(new Uint8Array(data)));
      this.#wake.resolve();
    };
    socket.onclose = ({ code, reason }) => {
      this.closed = { code, reason };
      this.#wake.resolve();
    };
  }

  static async open(url: string, options?: object): Promise<RawSocket> {
    // Bun's second parameter may have headers
    const socket = new WebSocket(url, (options ?? [SUBPROTOCOL]) as string[]);
    const raw = new RawSocket(socket);
    await new Promise((resolve) => {
      socket.onopen = resolve;
      socket.onerror = resolve;
    });
    return raw;
  }

  send(message: ClientMessage): void {
    this.socket.send(encodeClientMessage(message));
  }

  /** Waits until it holds, for at most `ms`. */
  async until(holds: () => boolean, ms = 10_000): Promise<void> {
    const end = Date.now() + ms;
    while (!holds()) {
      if (Date.now() > end)
        throw new Error(
          `expected more within ${ms} ms, found ${JSON.stringify(this.messages.map(({ type }) => type))}`,
        );
      this.#wake = Promise.withResolvers();
      await Promise.race([this.#wake.promise, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }

  of<Type extends ServerMessage["type"]>(type: Type) {
    return this.messages.filter(
      (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
    );
  }
}
