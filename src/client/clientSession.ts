import { finalSecurity } from "../fold/security.ts";
import { verifyFinal } from "../fold/verify.ts";
import { securityReport } from "../segment/security.ts";
import { verifySegment } from "../segment/verify.ts";
import { parseFold } from "../session/foldFile.ts";
import { parseSession } from "../session/sessionFile.ts";
import { FOLD_PROFILE, SESSION_PROFILES } from "../whir/profile.ts";
import { ChainVerifier } from "./chainVerifier.ts";
import { ConnectionError, ProofError, ServerError } from "./clientError.ts";
import type {
  ClientEvent,
  ClientToken,
  FinalVerified,
  SegmentVerified,
  StartedEvent,
} from "./clientEvents.ts";
import type { ClientOptions, ClientRequest } from "./clientOptions.ts";
import { verifyFinalOf } from "./finalVerifier.ts";
import { FrameSocket } from "./frameSocket.ts";
import { encodeClientMessage } from "./wire/clientMessage.ts";
import {
  type DoneMessage,
  type FinalMessage,
  MAX_CREDIT,
  type SegmentMessage,
  type ServerMessage,
  type StartedMessage,
  type TokenMessage,
} from "./wire/messages.ts";
import { decodeServerMessage } from "./wire/serverMessage.ts";

/** After these the session can be resumed. */
const PASSING: readonly string[] = ["shutdown", "slow-reader", "overloaded"];
const MAX_PAUSE_MS = 5000;
/** Of a request that does not say how many tokens to generate at most. */
const DEFAULT_TOKENS = 48;

/**
 * A session that a server decodes and proves, and that is verified here while it is read. It is read
 * once, by `for await` or as `readable`; leaving it early cancels it.
 *
 * @example
 * ```ts
 * const session = new ClientSession("ws://127.0.0.1:8080/ws", { prompt: "Once upon a time" });
 * for await (const event of session) {
 *   if (event.type === "token") console.log(event.token.text);
 *   if (event.type === "segment") console.log(`segment ${event.index} verified`);
 * }
 * console.log(session.tokens.every(({ state }) => state === "proven"));
 * ```
 */
export class ClientSession implements AsyncIterable<ClientEvent> {
  /** Generated tokens, in order. */
  readonly tokens: ClientToken[] = [];
  /** What was verified, in order: with the session's file, all that `verifyChain` needs. */
  readonly proofs: Uint8Array[] = [];
  #started: StartedEvent | undefined;
  #chain: ChainVerifier | undefined;
  #socket: FrameSocket | undefined;
  #finished = false;
  #iterator: AsyncGenerator<ClientEvent, void, void> | undefined;

  /** Connects when it is read. */
  constructor(
    readonly url: string | URL,
    readonly request: ClientRequest,
    readonly options: ClientOptions = {},
  ) {}

  /** The session, once it has started. */
  get started(): StartedEvent | undefined {
    return this.#started;
  }

  /** Ends the session at the server; what is proven stays there. */
  cancel(): void {
    this.#socket?.send(encodeClientMessage({ type: "cancel" }));
  }

  /** The events, once. @throws ProofError, ServerError, ConnectionError, WireError */
  [Symbol.asyncIterator](): AsyncGenerator<ClientEvent, void, void> {
    if (this.#iterator) throw new Error("session: expected one reader, found another");
    this.#iterator = this.#events();
    return this.#iterator;
  }

  /** The events as a stream, pulled. */
  get readable(): ReadableStream<ClientEvent> {
    const events = this[Symbol.asyncIterator]();
    return new ReadableStream<ClientEvent>(
      {
        async pull(controller) {
          const next = await events.next();
          if (next.done) controller.close();
          else controller.enqueue(next.value);
        },
        cancel: async () => {
          this.#leave(); // ends the read that is waited for
          await events.return().catch(() => {});
        },
      },
      { highWaterMark: 0 },
    );
  }

  async *#events(): AsyncGenerator<ClientEvent, void, void> {
    const { attempts = 8, retryMs = 100 } = this.options;
    let failures = 0;
    try {
      for (;;) {
        const before = this.#progress();
        try {
          yield* this.#connection();
          return;
        } catch (error) {
          if (this.#progress() > before) failures = 0;
          failures++;
          if (!this.#passes(error) || failures >= attempts) throw error;
          const wanted = error instanceof ServerError ? 1000 * (error.retryAfter ?? 0) : 0;
          const pause = Math.min(MAX_PAUSE_MS, retryMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
          const delayMs = Math.max(wanted, pause);
          yield { type: "reconnecting", attempt: failures, delayMs, reason: (error as Error).message };
          await new Promise((resolve) => setTimeout(resolve, delayMs));
        }
      }
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.cancel(); // does nothing when it is over
    this.#socket?.close();
    this.#socket = undefined;
  }

  #progress(): number {
    return this.tokens.length + this.proofs.length + (this.#started ? 1 : 0);
  }

  #passes(error: unknown): boolean {
    if (error instanceof ConnectionError) return true;
    // an overloaded server has not taken a new session; whoever asked decides whether to ask again
    return error instanceof ServerError && this.#started !== undefined && PASSING.includes(error.code);
  }

  /** One socket, from its opening to the session's end. */
  async *#connection(): AsyncGenerator<ClientEvent, void, void> {
    const { token, timeoutMs = 10_000, window = 2 ** 20 } = this.options;
    const socket = await FrameSocket.open(this.url, token, timeoutMs);
    this.#socket = socket;
    let read = 0;
    try {
      socket.send(encodeClientMessage(this.#opening(window)));
      for (;;) {
        const frame = await socket.next();
        const message = decodeServerMessage(frame);
        const event = await this.#take(message);
        if (event) yield event; // and only when the reader is back for more, more is asked for
        if (message.type === (this.#started?.final ? "final" : "done")) return;
        read += frame.length;
        if (message.type !== "hello" && 4 * read >= window) {
          socket.send(encodeClientMessage({ type: "ack", credit: Math.min(read, MAX_CREDIT) }));
          read = 0;
        }
      }
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  #opening(credit: number) {
    const { prompt, maxTokens = DEFAULT_TOKENS, segment = 32, final = false } = this.request;
    if (!this.#started) return { type: "start", prompt, maxTokens, segment, final, credit } as const;
    const from = { tokens: this.tokens.length, segments: this.proofs.length };
    return { type: "resume", session: this.#started.session, from, credit } as const;
  }

  async #take(message: ServerMessage): Promise<ClientEvent | null> {
    if (message.type === "hello") return null;
    if (message.type === "error") throw new ServerError(message.code, message.message, message.retryAfter);
    if (message.type === "started") return this.#start(message);
    if (!this.#chain || !this.#started)
      throw new ProofError(null, "order", `expected "started", found "${message.type}"`);
    if (message.type === "token") return { type: "token", token: this.#token(message, this.#started) };
    if (message.type === "segment") return await this.#segment(message, this.#chain);
    if (message.type === "fold") return message;
    return message.type === "done"
      ? this.#finish(message, this.#chain)
      : await this.#final(message, this.#chain);
  }

  #start(message: StartedMessage): StartedEvent | null {
    const { profiles = SESSION_PROFILES, modelId, verify = verifySegment } = this.options;
    const { file: text, ...rest } = message;
    const before = this.#started;
    const file = parseSession(text, profiles);
    if (before) {
      if (JSON.stringify(before.file) !== JSON.stringify(file) || before.session !== message.session)
        throw new ProofError(null, "resumed session", "expected the session as before, found another");
      return null;
    }
    // a sampler would be of the server's choice, and so would the text
    if (file.session.sampler)
      throw new ProofError(null, "sampler", "expected greedy choice, as was asked for, found a sampler");
    const chain = new ChainVerifier(file.session, message.promptTokens, verify, modelId);
    this.#chain = chain;
    this.#started = { ...rest, file };
    return this.#started;
  }

  #token({ position, id, text }: TokenMessage, { promptTokens }: StartedEvent): ClientToken {
    const expected = promptTokens.length + this.tokens.length;
    if (position !== expected)
      throw new ProofError(null, "order", `expected the token at ${expected}, found the one at ${position}`);
    const { maxTokens = DEFAULT_TOKENS } = this.request;
    if (this.tokens.length >= maxTokens)
      throw new ProofError(null, "order", `expected at most ${maxTokens} tokens, found one more`);
    const token: ClientToken = { position, id, text, state: "decoded" };
    this.tokens.push(token);
    this.#prove();
    return token;
  }

  async #segment(message: SegmentMessage, chain: ChainVerifier): Promise<SegmentVerified> {
    if (message.index !== chain.segments)
      throw new ProofError(message.index, "order", `expected segment ${chain.segments}`);
    const start = performance.now();
    const { statement, boundaryIn, boundaryOut } = await chain.add(message.proof);
    const verifyMs = performance.now() - start;
    this.proofs.push(message.proof);
    return { ...message, statement, boundaryIn, boundaryOut, verifyMs, proven: this.#prove() };
  }

  /** Compares what was streamed with what is proven, and moves it on. */
  #prove(): ClientToken[] {
    const proven = this.#chain?.tokens ?? [];
    const moved: ClientToken[] = [];
    for (const token of this.tokens) {
      const id = proven[token.position];
      if (id === undefined || token.state !== "decoded") continue;
      if (id !== token.id)
        throw new ProofError(
          null,
          "tokens",
          `expected ${id} at ${token.position}, as proven, found ${token.id}`,
        );
      token.state = "proven";
      moved.push(token);
    }
    return moved;
  }

  #finish(message: DoneMessage, { session }: ChainVerifier): DoneMessage | null {
    const open = this.tokens.filter(({ state }) => state === "decoded").length;
    if (open > 0)
      throw new ProofError(null, "end", `expected every token proven, found ${open} that are not`);
    if (message.tokens !== this.tokens.length || message.segments !== this.proofs.length)
      throw new ProofError(
        null,
        "end",
        `expected ${message.tokens} tokens in ${message.segments} segments, found ${this.tokens.length} in ${this.proofs.length}`,
      );
    // a resumed session says it again
    if (this.#finished) return null;
    this.#finished = true;
    // how sound the proofs are is not the server's word
    return { ...message, security: securityReport(session).bits };
  }

  async #final({ file: text, ...message }: FinalMessage, chain: ChainVerifier): Promise<FinalVerified> {
    const { foldProfiles = [FOLD_PROFILE], foldId, verifyFinal: verify = verifyFinal } = this.options;
    if (!this.#finished)
      throw new ProofError(null, "order", 'expected "done" before "final", found it missing');
    const file = parseFold(text, foldProfiles);
    const start = performance.now();
    await verifyFinalOf(chain, file, message.proof, verify, foldId);
    const verifyMs = performance.now() - start;
    for (const token of this.tokens) token.state = "final";
    const bits = finalSecurity(chain.session, file.profile, file.key.sizes, chain.segments);
    return { ...message, ...bits, file, verifyMs };
  }
}
