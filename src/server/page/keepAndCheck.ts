import type { SessionFile } from "../../session/sessionFile.ts";
import { byId, seconds } from "./dom.ts";
import { formatProofFile, parseProofFile } from "./proofFile.ts";
import type { WorkerVerifier } from "./workerVerifier.ts";

/** The download of what is proven, and the place to drop it back. */
export function keepAndCheck(verifier: WorkerVerifier) {
  const download = byId<HTMLButtonElement>("download");
  const drop = byId("drop");
  const input = byId<HTMLInputElement>("file");
  const verdictLine = byId("verdict");
  let offered: { readonly file: SessionFile; readonly proofs: readonly Uint8Array[] } | undefined;

  download.addEventListener("click", () => {
    if (!offered) return;
    const blob = new Blob([formatProofFile(offered.file, offered.proofs)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "starkstream-proofs.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });

  const check = async (blob: File | undefined) => {
    if (!blob) return;
    verdictLine.className = "";
    verdictLine.textContent = "verifying …";
    try {
      const { file, proofs } = parseProofFile(await blob.text());
      const { verdict, ms } = await verifier.chain(file, proofs);
      verdictLine.className = verdict.ok ? "good" : "bad";
      verdictLine.textContent = verdict.ok
        ? `✓ valid: ${verdict.segments} segments, ${verdict.tokens.length} tokens, verified in ${seconds(ms)}; model id ${verdict.modelId}`
        : `✗ rejected: segment ${verdict.segment ?? "–"}: ${verdict.check}: ${verdict.detail}`;
    } catch (error) {
      verdictLine.className = "bad";
      verdictLine.textContent = `✗ no proofs: ${(error as Error).message}`;
    }
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
      offered = undefined;
      download.disabled = true;
    },
    offer: (file: SessionFile, proofs: readonly Uint8Array[]) => {
      offered = { file, proofs };
      download.disabled = false;
    },
  };
}
