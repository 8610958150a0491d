import type { OpenProver } from "../session/sessionProver.ts";
import { openWorkerProver } from "../session/workerProver.ts";

/** The prover in a thread of its own, with a commitment from disk; the default one, if there is none. */
export function keptProver(commitment: string | undefined): OpenProver | undefined {
  if (commitment === undefined) return undefined;
  return (model, options) => openWorkerProver(model, { ...options, commitment });
}
