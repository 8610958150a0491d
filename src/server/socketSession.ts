import { decodeClientMessage } from "../client/wire/clientMessage.ts";
import {
  type ClientMessage,
  MAX_CREDIT,
  type ResumeMessage,
  type ServerMessage,
  type StartMessage,
} from "../client/wire/messages.ts";
import { encodeServerMessage } from "../client/wire/serverMessage.ts";
import { WireError } from "../client/wire/wireError.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./options.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import { type RunEvent, RunReader } from "./runReader.ts";
import type { Runs } from "./runs.ts";

/** A WebSocket, as an adapter hands it over. */
export interface Link {
  /** Sends one binary frame. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Closes the socket, after what was sent. */
  close(code: number, reason: string): void;
}

/** What a socket session asks of the server. */
export interface SocketHost {
  readonly runs: Runs;
  readonly metrics: Metrics;
  readonly settings: Settings;
  readonly left: (session: SocketSession) => void;
}

/** Frames that a client may send without having got any. */
const FREE_FRAMES = 64;
/** The code with which a socket closes after an error message; the registered ones are not free to every runtime. */
const FAILED = 4000;

/**
 * One decode session over one socket. What was sent and not acknowledged stays below the client's credit
 * and one frame; proofs wait on disk, and decode waits, for a slow reader.
 */
export class SocketSession {
  #state: "new" | "opening" | "open" | "closed" = "new";
  #reader: RunReader | undefined;
  #credit = 0;
  #sent = 0;
  #received = 0;
  #moreCredit: (() => void) | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly link: Link,
    readonly host: SocketHost,
    readonly client: string,
  ) {
    const { name, model, fold } = host.settings;
    host.metrics.add("sockets");
    this.#send({ type: "hello", model: name, capacity: model.config.capacity, folds: fold });
    this.#waitFor("start or resume");
  }

  /** A frame came in. Nothing is thrown, whatever it is. */
  receive(data: unknown): void {
    if (this.#state === "closed") return;
    try {
      const most = FREE_FRAMES + 4 * this.#sent;
      if (++this.#received > most) throw new WireError(`frames: expected at most ${most} by now, found more`);
      if (!(data instanceof Uint8Array)) throw new WireError("frame: expected a binary one, found text");
      this.#take(decodeClientMessage(data));
    } catch (error) {
      if (error instanceof WireError) this.host.metrics.add("bad_frames");
      this.#fail(error);
    }
  }

  /** The socket is gone; the session goes on for a while, to be resumed. */
  closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#patience);
    this.#reader?.close();
    this.#moreCredit?.();
    this.host.left(this);
  }

  /** Says that the server stops; whoever reads can resume when it is back. */
  shutdown(): void {
    this.#fail(new Refusal("shutdown", "the server is about to stop", 1));
  }

  #take(message: ClientMessage): void {
    if (message.type === "ack") {
      if (this.#state !== "open") throw new WireError("ack: expected a session before it, found none");
      this.#grant(message.credit);
    } else if (message.type === "cancel") {
      if (!this.#reader) throw new WireError("cancel: expected a session before it, found none");
      void this.#reader.run.stop("cancelled");
    } else {
      if (this.#state !== "new") throw new WireError(`${message.type}: expected one session, found another`);
      this.#state = "opening";
      clearTimeout(this.#patience);
      this.#open(message).catch((error: unknown) => this.#fail(error));
    }
  }

  async #open(message: StartMessage | ResumeMessage): Promise<void> {
    const { runs } = this.host;
    let run: Run;
    if (message.type === "resume") run = runs.resume(message.session, this.client);
    else {
      const { prompt, maxTokens, segment, final } = message;
      run = await runs.begin({ prompt, tokens: maxTokens, segment, final }, this.client);
    }
    const reader = new RunReader(run, message.type === "resume" ? message.from : undefined);
    if (this.#state === "closed") return reader.close();
    this.#reader = reader;
    this.#state = "open";
    this.#credit = 0; // the first message cost nothing
    this.#grant(message.credit);
    for (;;) {
      await this.#creditLeft();
      const event = await reader.next();
      // asked anew: the socket may have gone meanwhile
      if (!event || this.#gone()) return;
      await this.#deliver(run, event);
    }
  }

  async #deliver(run: Run, event: RunEvent): Promise<void> {
    if (event.type === "started") {
      const { request, id } = run;
      this.#send({
        type: "started",
        session: id,
        maxTokens: request.tokens,
        final: request.final,
        ...event.start,
      });
    } else if (event.type === "token") {
      this.#send(event.token);
    } else if (event.type === "segment") {
      const { index, tokens, proveMs, rows, cells } = event.segment;
      const proof = await run.kept.readProof(index);
      if (!this.#gone()) this.#send({ type: "segment", index, tokens, proveMs, rows, cells, proof });
    } else if (event.type === "fold") {
      this.#send({ type: "fold", ...event.fold });
    } else if (event.type === "done") {
      const { security } = event;
      const { tokens, segments, start } = run;
      const modelId = start?.modelId ?? "";
      this.#send({ type: "done", tokens: tokens.length, segments: segments.length, modelId, security });
    } else if (event.type === "final") {
      const { foldMs, security, chainSecurity } = event.final;
      const { proof, file } = await run.kept.readFinal();
      if (!this.#gone()) this.#send({ type: "final", foldMs, security, chainSecurity, file, proof });
    } else if (event.how === "complete") {
      this.#end(1000, "done");
    } else if (event.how === "cancelled") {
      throw new Refusal("cancelled", "the session was cancelled");
    } else if (event.how === "failed") {
      throw new Refusal("failed", event.message);
    } else {
      throw new Refusal("shutdown", "the server interrupted the session", 1);
    }
  }

  #gone(): boolean {
    return this.#state === "closed";
  }

  #send(message: ServerMessage): void {
    const frame = encodeServerMessage(message);
    this.#credit -= frame.length;
    this.#sent++;
    this.link.send(frame);
  }

  #grant(credit: number): void {
    this.#credit = Math.min(MAX_CREDIT, this.#credit + credit);
    if (this.#credit > 0) this.#moreCredit?.();
  }

  async #creditLeft(): Promise<void> {
    if (this.#credit > 0) return;
    this.#waitFor("ack");
    await new Promise<void>((resolve) => {
      this.#moreCredit = resolve;
    });
    this.#moreCredit = undefined;
    clearTimeout(this.#patience);
  }

  #waitFor(what: string): void {
    const { patienceMs } = this.host.settings;
    const giveUp = () =>
      this.#fail(new Refusal("slow-reader", `expected ${what} within ${patienceMs} ms, found none`));
    this.#patience = setTimeout(giveUp, patienceMs);
  }

  #fail(error: unknown): void {
    if (this.#gone()) return;
    const refusal =
      error instanceof Refusal
        ? error
        : error instanceof WireError
          ? new Refusal("bad-message", error.message)
          : new Refusal("failed", "the server failed");
    if (refusal.code === "failed") this.host.settings.log({ event: "failure", message: String(error) });
    const { code, message, retryAfter } = refusal;
    this.#send({ type: "error", code, message, retryAfter });
    this.#end(FAILED, code);
  }

  #end(code: number, reason: string): void {
    this.closed();
    this.link.close(code, reason);
  }
}
