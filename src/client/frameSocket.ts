import { ConnectionError } from "./clientError.ts";
import { SUBPROTOCOL } from "./wire/messages.ts";

/** A WebSocket that is read frame by frame; what waits to be read is bounded by the credit that was given. */
export class FrameSocket {
  readonly #frames: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();
  #lost: ConnectionError | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      // text is no frame: decoding nothing fails as it should
      this.#frames.push(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0));
      this.#wake.resolve();
    };
    socket.onerror = () => this.#lose("the socket failed");
    socket.onclose = ({ code, reason }) => this.#lose(`the socket closed: ${code} ${reason}`.trim());
  }

  /** @throws ConnectionError */
  static async open(url: string | URL, token: string | undefined, timeoutMs: number): Promise<FrameSocket> {
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${base64url(token)}`];
    const frames = new FrameSocket(new WebSocket(url, protocols));
    const opened = Promise.withResolvers<void>();
    frames.socket.onopen = () => opened.resolve();
    const timer = setTimeout(() => frames.#lose(`expected a connection within ${timeoutMs} ms`), timeoutMs);
    await Promise.race([opened.promise, frames.#wake.promise]);
    clearTimeout(timer);
    if (frames.#lost) {
      frames.close();
      throw frames.#lost;
    }
    return frames;
  }

  /** @throws ConnectionError when the socket is gone and every frame that came before is read */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.#lost) throw this.#lost;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  close(): void {
    this.#lose("closed here");
    this.socket.close();
  }

  #lose(reason: string): void {
    this.#lost ??= new ConnectionError(reason);
    this.#wake.resolve();
  }
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
