import process from "node:process";
import type { FinalEvent, FoldEvent, FoldRunEvent } from "../session/events.ts";
import { kib, Progress, seconds } from "./progress.ts";

/** Shows folding on stderr. */
export class FoldView {
  readonly #progress = new Progress(process.stderr);
  #segments = 0;

  constructor(readonly directory: string) {}

  /** Before the first event. */
  begin(): void {
    this.#progress.waiting("committing to the folding circuit …");
  }

  show(event: FoldRunEvent): void {
    this.#progress.erase();
    if (event.type === "final") {
      process.stderr.write(this.#summary(event));
      return;
    }
    if (event.type === "folding") this.#segments = event.segments;
    else process.stderr.write(`${foldLine(event, this.#segments)}\n`);
    const done = event.type === "folding" ? event.folded : event.segments;
    if (done < this.#segments) this.#progress.waiting(`folding segment ${done} of ${this.#segments} …`);
  }

  /** Folding broke off; its error follows. */
  broken(): void {
    this.#progress.erase();
    if (this.#segments === 0) return;
    process.stderr.write(
      `the segments stay in ${this.directory}; starkstream fold ${this.directory} goes on from what is folded\n`,
    );
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
function foldLine({ index, segments, proofBytes, foldMs }: FoldEvent, all: number): string {
  return `fold ${index}: ${segments} of ${all} segments, proof ${kib(proofBytes)}, ${seconds(foldMs)}`;
}
