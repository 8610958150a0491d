import type { Session } from "../segment/statement.ts";
import type { FoldRunEvent, SessionEvent, TokenEvent } from "../session/events.ts";
import type { Folding } from "../session/folding.ts";
import { messageOf } from "../session/inputError.ts";
import { formatSession, parseSession } from "../session/sessionFile.ts";
import { countValid } from "./countValid.ts";
import type { KeptRun } from "./keptRun.ts";
import type { Metrics } from "./metrics.ts";
import { Refusal } from "./refusal.ts";
import type { FinalInfo, FoldInfo, RunEnding, RunRecord, RunStart, SegmentInfo } from "./runRecord.ts";

/** What a run asks of the server. */
export interface RunHost {
  readonly metrics: Metrics;
  /** Tokens that may be decoded ahead of the reader who is farthest. */
  readonly maxLead: number;
  /** How long a run goes on without a reader. */
  readonly lingerMs: number;
  /** Decodes it from the first token on, and proves all but the segments that it has. */
  readonly open: (run: Run) => ReadableStream<SessionEvent>;
  /** Folds its segments in the background; null: this server does not. */
  readonly fold:
    | ((run: Run, session: Session, show: (event: FoldRunEvent) => void) => Promise<Folding>)
    | null;
  /** The run has ended or was interrupted. */
  readonly ended: (run: Run) => void;
}

/**
 * One session: decoded and proven once, kept on disk as it goes, read by any number of readers. It holds
 * tokens, never proofs, and waits when no reader follows. Taken up again after an interruption it serves what
 * it had, decodes anew (to the same tokens), and proves from the boundary where its kept proofs end. If it was
 * asked for a final proof, its segments are folded meanwhile, and it stays live until that is there.
 */
export class Run {
  readonly id: string;
  readonly created: number;
  readonly request: RunRecord["request"];
  readonly tokens: TokenEvent[];
  readonly segments: SegmentInfo[];
  start: RunStart | null;
  ending: RunEnding | null;
  /** The last step of folding. */
  folded: FoldInfo | null = null;
  final: FinalInfo | null;
  /** Why no final proof will come, if one was asked for. */
  foldEnding: Exclude<RunEnding, { readonly type: "done" }> | null = null;
  /** Whether it decodes, proves or folds now. */
  live = false;
  /** Goes on to its end without any reader. */
  alone = false;
  #farthest = 0;
  #readers = 0;
  #changed = Promise.withResolvers<void>();
  #linger: ReturnType<typeof setTimeout> | undefined;
  #stopping: "cancelled" | "interrupted" | null = null;
  #events: ReadableStreamDefaultReader<SessionEvent> | undefined;
  #folding: Folding | undefined;
  #pumped: Promise<void> = Promise.resolve();

  constructor(
    record: RunRecord,
    readonly kept: KeptRun,
    readonly host: RunHost,
    /** Whose place it takes while it is live. */
    readonly client: string,
  ) {
    this.id = kept.id;
    this.request = record.request;
    this.created = record.created;
    this.start = record.start;
    this.tokens = [...record.tokens];
    this.segments = [...record.segments];
    this.ending = record.ending;
    this.final = record.final;
  }

  /** Whether nothing more will come, unless the run is taken up again. */
  get over(): boolean {
    return !this.live;
  }

  /** Whether it takes a place at the prover. */
  get decoding(): boolean {
    return this.live && this.ending === null;
  }

  /** Begins, or goes on from what is kept. */
  go(): void {
    if (this.live || !isUnfinished(this)) return;
    this.live = true;
    this.#stopping = null;
    this.#pumped = this.#pump();
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  attach(): void {
    this.#readers++;
    clearTimeout(this.#linger);
  }

  detach(): void {
    this.#readers--;
    if (this.#readers === 0 && this.decoding && !this.alone)
      this.#linger = setTimeout(() => this.decoding && void this.stop("interrupted"), this.host.lingerMs);
    this.notify(); // wakes the reader that left
  }

  /** A reader has seen so many tokens. */
  seen(tokens: number): void {
    if (tokens <= this.#farthest) return;
    this.#farthest = tokens;
    this.notify();
  }

  /** Ends it now; a cancelled run stays ended, an interrupted one can be taken up again. */
  async stop(how: "cancelled" | "interrupted"): Promise<void> {
    if (!this.live) return;
    this.#stopping ??= how;
    this.notify();
    await this.#events?.cancel().catch(() => {});
    await this.#folding?.cancel();
    await this.#pumped;
  }

  notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  async #pump(): Promise<void> {
    try {
      await this.#checkKept();
      if (this.start)
        await this.#beginFolding(parseSession(this.start.file, this.kept.shelf.profiles).session);
      if (!this.ending) await this.#decode();
      if (this.#stopping === null) await this.#folding?.finish();
      if (this.#stopping === "cancelled") await this.#cancel();
    } catch (error) {
      if (this.#stopping === "cancelled") await this.#cancel();
      else if (this.#stopping === null) await this.#fail(error);
    }
    await this.#folding?.cancel();
    this.live = false;
    clearTimeout(this.#linger);
    if (this.ending?.type === "done") this.host.metrics.add("sessions_done");
    if (this.ending?.type === "failed") this.host.metrics.add("sessions_failed");
    this.host.ended(this);
    this.notify();
  }

  async #decode(): Promise<void> {
    const events = this.host.open(this).getReader();
    this.#events = events;
    let index = 0; // of the next generated token
    for (;;) {
      while (!this.#stopping && !this.#mayDecode(index)) await this.changed();
      if (this.#stopping) break;
      const { done, value } = await events.read();
      if (done) break;
      if (value.type === "token") this.#token(index++, value);
      else await this.#event(value);
      this.notify();
    }
    await events.cancel();
  }

  #mayDecode(index: number): boolean {
    return this.alone || index < this.tokens.length || index - this.#farthest < this.host.maxLead;
  }

  #token(index: number, event: TokenEvent): void {
    const before = this.tokens[index];
    if (before && before.id !== event.id)
      throw new Refusal("failed", `token ${index}: expected ${before.id} as before, found ${event.id}`);
    if (before) return;
    this.kept.token(event);
    this.tokens.push(event);
    this.host.metrics.add("tokens");
  }

  async #event(event: Exclude<SessionEvent, TokenEvent>): Promise<void> {
    if (event.type === "start") {
      const { modelId, promptTokens, promptText, session } = event;
      if (this.start && this.start.modelId !== modelId)
        throw new Refusal("failed", `model id: expected ${this.start.modelId} as before, found ${modelId}`);
      if (this.start) return;
      const file = formatSession({ session, modelId, segments: null }, this.kept.shelf.profiles);
      const start = { modelId, promptTokens: [...promptTokens], promptText, file };
      await this.kept.start(start);
      this.start = start;
      await this.#beginFolding(session);
    } else if (event.type === "segment") {
      const { index, tokens, proofBytes, proveMs, rows, cells, proof } = event;
      const info = { index, tokens, proofBytes, proveMs, rows, cells };
      await this.kept.segment(info, proof);
      this.segments.push(info);
      this.#folding?.add(index);
      this.host.metrics.add("segments");
    } else {
      await this.#end({ type: "done", security: event.security });
    }
  }

  /** Proofs that the disk has lost or changed are made again. */
  async #checkKept(): Promise<void> {
    if (!this.start || this.segments.length === 0) return;
    const valid = await countValid(this.kept, this.start, this.segments.length, this.host.metrics);
    if (valid === this.segments.length) return;
    this.kept.dropSegments(valid);
    this.segments.splice(valid);
    this.ending = null;
  }

  /** Folds the segments that are there, and each that comes. */
  async #beginFolding(session: Session): Promise<void> {
    if (!this.request.final || this.final || !this.host.fold) return;
    this.#folding = await this.host.fold(this, session, (event) => this.#folded(event));
    for (const { index } of this.segments) this.#folding.add(index);
  }

  #folded(event: FoldRunEvent): void {
    const { metrics } = this.host;
    if (event.type === "fold") {
      const { index, proofBytes, foldMs } = event;
      this.folded = { index, proofBytes, foldMs };
      metrics.add("folds");
    } else if (event.type === "final") {
      const { proofBytes, foldMs, segments, tokens, security, chainSecurity, foldId } = event;
      const final = { proofBytes, foldMs, segments, tokens, security, chainSecurity, foldId };
      this.kept.final(final);
      this.final = final;
      metrics.add("verdicts_accepted"); // it was verified before it was shown
      metrics.add("final_proofs");
    }
    this.notify();
  }

  async #end(ending: RunEnding): Promise<void> {
    await this.kept.end(ending, this.start, this.segments.length);
    this.ending = ending;
  }

  async #cancel(): Promise<void> {
    if (this.ending === null) return this.#end({ type: "cancelled" });
    if (this.final) return;
    this.kept.dropFinal();
    this.foldEnding = { type: "cancelled" };
  }

  async #fail(error: unknown): Promise<void> {
    const ending = { type: "failed", message: messageOf(error) } as const;
    if (this.ending) {
      this.foldEnding = ending;
      return;
    }
    // what is kept is of another model: it stays as it is, for a server of that one
    if (!(error instanceof Refusal)) await this.#end(ending).catch(() => {});
    this.ending = ending;
  }
}

/** Whether a run has still to be proven, or folded. */
export function isUnfinished({
  ending,
  request,
  final,
}: Pick<RunRecord, "ending" | "request" | "final">): boolean {
  return ending === null || (ending.type === "done" && request.final && final === null);
}
