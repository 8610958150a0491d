import type { FinalEvent, FoldEvent, FoldRunEvent } from "../session/events.ts";
import { kib, type Progress, seconds } from "./progress.ts";

/** Shows folding: beside a run's text in its live line, without one step by step. */
export class FoldView {
  #folded = 0;
  #all: number | undefined;

  constructor(
    readonly progress: Progress,
    readonly directory: string,
  ) {}

  /** Every segment is proven: so many. */
  all(segments: number): void {
    this.#all = segments;
    this.#waiting();
  }

  show(event: FoldRunEvent): void {
    const { screen } = this.progress;
    if (event.type === "folding") return;
    this.progress.erase();
    if (event.type === "final") {
      screen.write(this.#summary(event));
      return;
    }
    this.#folded = event.level;
    this.progress.fold(event);
    // on a terminal, lines would go between those of the run's text
    if (this.#all !== undefined || !screen.isTTY) screen.write(`${foldLine(event)}\n`);
    if (this.#all === undefined) this.progress.show();
    else this.#waiting();
  }

  /** Folding broke off; its error follows. */
  broken(): void {
    this.progress.erase();
    const { directory } = this;
    this.progress.screen.write(
      `the segments stay in ${directory}; starkstream fold ${directory} goes on from what is folded\n`,
    );
  }

  #waiting(): void {
    if (this.#all === undefined || this.#folded >= this.#all) return;
    this.progress.waiting(`folding segment ${this.#folded} of ${this.#all} …`);
  }

  #summary(final: FinalEvent): string {
    const { foldMs, proofBytes, tokens, security, chainSecurity, foldId } = final;
    const lines = [
      `final proof ${kib(proofBytes)} for all ${tokens} tokens, folded in ${seconds(foldMs)}`,
      `security    ${security} bits each proof, ${chainSecurity.toFixed(1)} the whole chain, provable`,
      `fold id     ${foldId}`,
      `verify      starkstream verify ${this.directory} --final-only --fold-id ${foldId}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}

/** One step in one line. */
function foldLine({ index, proofBytes, foldMs }: FoldEvent): string {
  return `fold ${index}: proof ${kib(proofBytes)}, ${seconds(foldMs)}`;
}
