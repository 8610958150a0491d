import type { FoldEvent, SegmentEvent, StartEvent } from "../session/events.ts";

/** A terminal or not: `process.stderr`, or a test's stand-in. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Progress on stderr. On a terminal one live line below the text, redrawn in place; elsewhere one plain
 * line per segment.
 */
export class Progress {
  #tokens = 0;
  #limit = 0;
  #promptLength = 0;
  #segment = 0;
  #proven = 0;
  #bytes = 0;
  #folded = 0;
  #drawn = false;

  constructor(readonly screen: Screen) {}

  /** Before the first event, on a terminal; an empty text takes the line away. */
  waiting(text: string): void {
    if (text === "") this.erase();
    else if (this.screen.isTTY) this.#draw(text);
  }

  start(event: StartEvent): void {
    this.#limit = event.tokens;
    this.#promptLength = event.promptTokens.length;
    this.#segment = 2 ** event.logSegment;
    this.erase();
    this.screen.write(`model ${event.modelId}\n`);
    if (!this.screen.isTTY) return;
    this.show();
  }

  token(): void {
    this.#tokens++;
  }

  segment(event: SegmentEvent): void {
    this.#proven += event.tokens;
    this.#bytes += event.proofBytes;
    if (!this.screen.isTTY) this.screen.write(`${segmentLine(event)}\n`);
  }

  fold({ level }: FoldEvent): void {
    this.#folded = level;
  }

  /** Draws the live line, on a terminal. */
  show(): void {
    if (!this.screen.isTTY) return;
    const all = this.#promptLength + this.#limit - 1;
    const parts = [
      `${this.#tokens}/${this.#limit} tokens decoded`,
      `${this.#proven}/${all} proven`,
      this.#proven < all ? `proving segment ${Math.floor(this.#proven / this.#segment)}` : "",
      this.#bytes > 0 ? `proofs ${kib(this.#bytes)}` : "",
      this.#folded > 0 ? `${this.#folded} folded` : "",
    ];
    this.#draw(parts.filter((part) => part !== "").join(" · "));
  }

  /** Takes the live line away, before anything else is written. */
  erase(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.screen.write("\x1b[J"); // from the cursor, which stands above the line
  }

  /**
   * Draws below the cursor and comes back to it: IND makes room for a line without moving to its start,
   * then the cursor is saved, the line written, the cursor restored.
   */
  #draw(text: string): void {
    const line = text.slice(0, Math.max(10, (this.screen.columns || 80) - 1));
    this.screen.write(`\x1bD\x1b[A\x1b7\x1b[B\r\x1b[2K${line}\x1b8`);
    this.#drawn = true;
  }
}

/** One segment in one line. */
export function segmentLine({
  index,
  tokens,
  proofBytes,
  proveMs,
  cells,
}: Omit<SegmentEvent, "proof">): string {
  return `segment ${index}: ${tokens} tokens, ${cells} cells, proof ${kib(proofBytes)}, ${seconds(proveMs)}`;
}

export function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
