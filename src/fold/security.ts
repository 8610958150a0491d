import { securityReport } from "../segment/security.ts";
import type { ModelSession } from "../segment/statement.ts";
import { formatSoundness, type Soundness, soundness } from "../soundness/soundness.ts";
import type { Profile } from "../whir/profile.ts";
import type { CircuitSizes } from "./circuit/sizes.ts";
import { circuitProtocol } from "./circuitProtocol.ts";

/**
 * The provable soundness of every round of a step's proof, and its table as text. A run of n steps is as
 * sound as its weakest proof: the last step, if accepted, has a witness except with its proof's error;
 * then so have the segment and the step that it verifies, and so on, so the errors of 2n proofs add up.
 */
export function foldSecurityReport(
  profile: Profile,
  sizes: CircuitSizes,
): Soundness & { readonly text: string } {
  const { opening, argument } = circuitProtocol(profile, sizes);
  const report = soundness(profile, opening, argument);
  return { ...report, text: formatSoundness(report) };
}

/** Provable bits of a final proof: of segment's and step's proof, the least; and over the chain, as the errors of 2n proofs add up. */
export function finalSecurity(
  session: ModelSession,
  profile: Profile,
  sizes: CircuitSizes,
  segments: number,
): { readonly security: number; readonly chainSecurity: number } {
  const security = Math.min(securityReport(session).bits, foldSecurityReport(profile, sizes).bits);
  return { security, chainSecurity: security - Math.log2(2 * segments) };
}
