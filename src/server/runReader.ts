import type { Place } from "../client/wire/messages.ts";
import type { TokenEvent } from "../session/events.ts";
import type { Run } from "./run.ts";
import type { FinalInfo, FoldInfo, RunStart, SegmentInfo } from "./runRecord.ts";

/**
 * What a reader of a run gets, in this order: started, tokens and segments, done, final, ended; and the newest
 * step of folding in between. The last three come only if they are so.
 */
export type RunEvent =
  | { readonly type: "started"; readonly start: RunStart }
  | { readonly type: "token"; readonly token: TokenEvent }
  | { readonly type: "segment"; readonly segment: SegmentInfo }
  | { readonly type: "fold"; readonly fold: FoldInfo }
  | { readonly type: "done"; readonly security: number }
  | { readonly type: "final"; readonly final: FinalInfo }
  /** Interrupted: the server stops, or nobody read; the run can be taken up again. */
  | { readonly type: "ended"; readonly how: "complete" | "cancelled" | "interrupted" }
  | { readonly type: "ended"; readonly how: "failed"; readonly message: string };

/** Reads a run from a place on, at its own pace. A segment never comes before the tokens that it proves. */
export class RunReader {
  #tokens: number;
  #segments: number;
  #fold: FoldInfo | null = null;
  readonly #told = new Set<"started" | "done" | "final" | "ended">();
  #closed = false;

  constructor(
    readonly run: Run,
    from: Place = { tokens: 0, segments: 0 },
  ) {
    this.#tokens = from.tokens;
    this.#segments = from.segments;
    run.attach();
    run.seen(from.tokens);
  }

  /** The next event, or null when there are no more. */
  async next(): Promise<RunEvent | null> {
    for (;;) {
      if (this.#closed || this.#told.has("ended")) return null;
      const event = this.#ready();
      if (event) return event;
      await this.run.changed();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.run.detach();
  }

  #ready(): RunEvent | null {
    const { run } = this;
    const { start, ending, folded, final } = run;
    if (start && this.#first("started")) return { type: "started", start };
    const next = start && this.#nextPart(start);
    if (next) return next;
    if (folded && folded !== this.#fold) {
      this.#fold = folded;
      return { type: "fold", fold: folded };
    }
    if (ending?.type === "done" && this.#first("done")) return { type: "done", security: ending.security };
    if (final && this.#first("final")) return { type: "final", final };
    return run.over && this.#first("ended") ? howItEnded(run) : null;
  }

  #nextPart({ promptTokens }: RunStart): RunEvent | null {
    const { run } = this;
    const segment = run.segments[this.#segments];
    const token = run.tokens[this.#tokens];
    // positions that the reader knows: the prompt's and one for each token
    const known = promptTokens.length + this.#tokens;
    const consumed = run.segments.slice(0, this.#segments + 1).reduce((sum, { tokens }) => sum + tokens, 0);
    if (segment && (known > consumed || (!token && run.over))) {
      this.#segments++;
      return { type: "segment", segment };
    }
    if (!token) return null;
    this.#tokens++;
    run.seen(this.#tokens);
    return { type: "token", token };
  }

  /** Whether it was not told yet; from now on it was. */
  #first(what: "started" | "done" | "final" | "ended"): boolean {
    const isFirst = !this.#told.has(what);
    this.#told.add(what);
    return isFirst;
  }
}

function howItEnded({ ending, request, final, foldEnding, host }: Run): RunEvent {
  if (ending === null) return { type: "ended", how: "interrupted" };
  const failed = (message: string) => ({ type: "ended", how: "failed", message }) as const;
  if (ending.type === "failed") return failed(ending.message);
  if (ending.type === "cancelled") return { type: "ended", how: "cancelled" };
  if (!request.final || final) return { type: "ended", how: "complete" };
  if (!host.fold) return failed("final proof: this server does not fold");
  if (foldEnding?.type === "failed") return failed(`final proof: ${foldEnding.message}`);
  return { type: "ended", how: foldEnding?.type ?? "interrupted" };
}
