import type { Screen } from "../progress.ts";

const WIDTH = 30;
const BETWEEN_MS = 100;

/** How far a download is: a bar on a terminal, elsewhere nothing. */
export class TransferLine {
  readonly #begun = performance.now();
  #shown = Number.NEGATIVE_INFINITY;
  #first: number | undefined;

  constructor(
    readonly screen: Screen,
    readonly bytes: number,
  ) {}

  show(done: number): void {
    this.#first ??= done;
    const now = performance.now();
    if (!this.screen.isTTY || (now - this.#shown < BETWEEN_MS && done < this.bytes)) return;
    this.#shown = now;
    const full = Math.min(WIDTH, Math.floor((WIDTH * done) / this.bytes));
    // what an earlier try had brought is no speed
    const rate = (done - this.#first) / Math.max(1e-3, (now - this.#begun) / 1000);
    this.screen.write(
      `\r[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${mib(done)} of ${mib(this.bytes)}, ${mib(rate)}/s \x1b[K`,
    );
  }

  end(): void {
    if (this.screen.isTTY) this.screen.write("\n");
  }
}

export const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
