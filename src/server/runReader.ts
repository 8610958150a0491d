import type { Place } from "../client/wire/messages.ts";
import type { TokenEvent } from "../session/events.ts";
import type { Run } from "./run.ts";
import type { RunEnding, RunStart, SegmentInfo } from "./runRecord.ts";

/** What a reader of a run gets, in this order: started, tokens and segments, ended. */
export type RunEvent =
  | { readonly type: "started"; readonly start: RunStart }
  | { readonly type: "token"; readonly token: TokenEvent }
  | { readonly type: "segment"; readonly segment: SegmentInfo }
  /** Null: the server stops, the run can be taken up again. */
  | { readonly type: "ended"; readonly ending: RunEnding | null };

/** Reads a run from a place on, at its own pace. A segment never comes before the tokens that it proves. */
export class RunReader {
  #tokens: number;
  #segments: number;
  #started = false;
  #ended = false;
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
      if (this.#closed || this.#ended) return null;
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
    const { start } = run;
    if (start && !this.#started) {
      this.#started = true;
      return { type: "started", start };
    }
    if (start) {
      const segment = run.segments[this.#segments];
      const token = run.tokens[this.#tokens];
      // positions that the reader knows: the prompt's and one for each token
      const known = start.promptTokens.length + this.#tokens;
      const consumed = run.segments.slice(0, this.#segments + 1).reduce((sum, { tokens }) => sum + tokens, 0);
      if (segment && (known > consumed || (!token && run.over))) {
        this.#segments++;
        return { type: "segment", segment };
      }
      if (token) {
        this.#tokens++;
        run.seen(this.#tokens);
        return { type: "token", token };
      }
    }
    if (!run.over) return null;
    this.#ended = true;
    return { type: "ended", ending: run.ending };
  }
}
