import type { SegmentVerified } from "../../client/clientEvents.ts";
import type { Session } from "../../segment/statement.ts";
import { digest } from "./digest.ts";
import { kib, seconds } from "./dom.ts";
import { proofCard } from "./proofCard.ts";
import type { WorkerVerifier } from "./workerVerifier.ts";

/** One proven segment. */
export function segmentCard(
  event: SegmentVerified,
  session: Session,
  verifier: WorkerVerifier,
): HTMLLIElement {
  const { index, proof, rows, proveMs, verifyMs, boundaryIn, boundaryOut, statement } = event;
  const first = statement.boundaryIn.position;
  const facts = [
    ["from", digest(boundaryIn)],
    ["to", digest(boundaryOut)],
    ["rows", `${rows} (positions ${first} to ${first + statement.tokens.length - 1})`],
    ["proof", `${kib(proof.length)}, proven in ${seconds(proveMs)}`],
  ] as const;
  const incoming = statement.boundaryIn;
  const verify = (bytes: Uint8Array) => verifier.ask("segment", { session, proof: bytes, incoming });
  return proofCard("li", `Segment ${index}`, facts, proof, verifyMs, verify);
}
