import { formatSoundness, type Soundness, soundness } from "../soundness/soundness.ts";
import { segmentProtocol } from "./protocol.ts";
import type { ModelSession } from "./statement.ts";

/** The provable soundness of every round of this session's segment proofs, and its table as text. */
export function securityReport({
  profile,
  description,
  logSegment,
  sampler,
}: Pick<ModelSession, "profile" | "description" | "logSegment" | "sampler">): Soundness & {
  readonly text: string;
} {
  const { opening, argument } = segmentProtocol(profile, description, logSegment, sampler);
  const report = soundness(profile, opening, argument);
  return { ...report, text: formatSoundness(report) };
}
