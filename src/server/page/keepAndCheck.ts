import type { FoldFile } from "../../session/foldFile.ts";
import type { SessionFile } from "../../session/sessionFile.ts";
import { byId, seconds } from "./dom.ts";
import { formatFinalFile, formatProofFile, parseProofFile } from "./proofFile.ts";
import type { WorkerVerifier } from "./workerVerifier.ts";

/** The downloads of what is proven, and the place to drop them back. */
export function keepAndCheck(verifier: WorkerVerifier) {
  const drop = byId("drop");
  const input = byId<HTMLInputElement>("file");
  const verdictLine = byId("verdict");
  const segments = offer("download", "starkstream-proofs.json");
  const final = offer("download-final", "starkstream-final.json");

  const check = async (blob: File | undefined) => {
    if (!blob) return;
    say("", "verifying …");
    try {
      const kept = parseProofFile(await blob.text());
      const { verdict, ms } =
        kept.kind === "chain" ? await verifier.ask("chain", kept) : await verifier.ask("keptFinal", kept);
      if (!verdict.ok) {
        const where = "segment" in verdict ? `segment ${verdict.segment ?? "–"}: ` : "";
        say("bad", `✗ rejected: ${where}${verdict.check}: ${verdict.detail}`);
        return;
      }
      const by = "segments" in verdict ? `${verdict.segments} segments` : "final proof";
      say("good", `✓ valid: ${by}, ${verdict.tokens.length} tokens, verified in ${seconds(ms)}`);
    } catch (error) {
      say("bad", `✗ no proofs: ${(error as Error).message}`);
    }
  };
  const say = (className: string, text: string) => {
    verdictLine.className = className;
    verdictLine.textContent = text;
  };
  input.addEventListener("change", () => void check(input.files?.[0]));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    void check(event.dataTransfer?.files[0]);
  });

  return {
    clear: () => {
      segments(undefined);
      final(undefined);
    },
    offer: (file: SessionFile, proofs: readonly Uint8Array[]) =>
      segments(() => formatProofFile(file, proofs)),
    offerFinal: (file: SessionFile, count: number, fold: FoldFile, proof: Uint8Array) =>
      final(() => formatFinalFile(file, count, fold, proof)),
  };
}

/** A button that downloads what was offered last. */
function offer(id: string, name: string): (text: (() => string) | undefined) => void {
  const download = byId<HTMLButtonElement>(id);
  let offered: (() => string) | undefined;
  download.addEventListener("click", () => {
    if (!offered) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([offered()], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  return (text) => {
    offered = text;
    download.disabled = text === undefined;
  };
}
