import type { FinalVerified, FoldedEvent } from "../../client/clientEvents.ts";
import type { Session } from "../../segment/statement.ts";
import { digest } from "./digest.ts";
import { byId, kib, seconds } from "./dom.ts";
import { proofCard } from "./proofCard.ts";
import type { WorkerVerifier } from "./workerVerifier.ts";

/** How far the final proof is, and the proof. */
export class FinalPanel {
  readonly #panel = byId("final-panel");
  readonly #progress = byId<HTMLProgressElement>("fold-progress");
  readonly #status = byId("fold-status");
  readonly #card = byId("final-card");

  constructor(readonly verifier: WorkerVerifier) {}

  clear(wanted: boolean): void {
    this.#panel.hidden = !wanted;
    this.#progress.value = 0;
    this.#progress.hidden = false;
    this.#status.textContent = "waiting for segments …";
    this.#card.replaceChildren();
  }

  /** @param segments proven so far, of which this step folded one */
  folded({ index, foldMs }: FoldedEvent, segments: number): void {
    this.#progress.max = segments;
    this.#progress.value = index + 1;
    this.#status.textContent = `${index + 1} of ${segments} segments folded; the last step took ${seconds(foldMs)}`;
  }

  final(event: FinalVerified, session: Session, segments: number): void {
    const { proof, file, foldMs, verifyMs, security, chainSecurity } = event;
    const { profile, key, tokens, foldId } = file;
    this.#progress.hidden = true;
    this.#status.textContent = "";
    const facts = [
      ["stands for", `${segments} segments, ${tokens.length} tokens consumed`],
      ["circuit", digest(foldId)],
      ["proof", `${kib(proof.length)}, folded in ${seconds(foldMs)}`],
      ["security", `${Math.floor(security)} bits a proof, ${chainSecurity.toFixed(1)} over the chain`],
    ] as const;
    const statement = { session, profile, key, tokens };
    const verify = (bytes: Uint8Array) => this.verifier.ask("final", { statement, proof: bytes });
    this.#card.append(proofCard("div", "One proof of the whole run", facts, proof, verifyMs, verify));
  }
}
