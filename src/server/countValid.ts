import { ChainVerifier } from "../client/chainVerifier.ts";
import { verifySegment } from "../segment/verify.ts";
import { parseSession } from "../session/sessionFile.ts";
import type { KeptRun } from "./keptRun.ts";
import type { Metrics } from "./metrics.ts";
import type { RunStart } from "./runRecord.ts";

/** How many of a run's kept proofs, from the first on, are still there and verify. */
export async function countValid(
  kept: KeptRun,
  { file, promptTokens, modelId }: RunStart,
  segments: number,
  metrics: Metrics,
): Promise<number> {
  const { session } = parseSession(file, kept.shelf.profiles);
  const chain = new ChainVerifier(session, promptTokens, verifySegment, modelId);
  while (chain.segments < segments) {
    try {
      await chain.add(await kept.readProof(chain.segments));
    } catch {
      metrics.add("verdicts_rejected");
      break;
    }
    metrics.add("verdicts_accepted");
    await new Promise((resolve) => setTimeout(resolve, 0)); // other sessions have their turn
  }
  return chain.segments;
}
