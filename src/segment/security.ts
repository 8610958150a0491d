import { formatSoundness, type Soundness, soundness } from "../soundness/soundness.ts";
import { segmentProtocol } from "./protocol.ts";
import type { Session } from "./statement.ts";

/** The provable soundness of every round of this session's segment proofs, and its table as text. */
export function securityReport({
  profile,
  description,
  logSegment,
}: Pick<Session, "profile" | "description" | "logSegment">): Soundness & { readonly text: string } {
  const { opening, argument } = segmentProtocol(profile, description, logSegment);
  const report = soundness(profile, opening, argument);
  return { ...report, text: formatSoundness(report) };
}
