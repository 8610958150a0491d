import { extArithmetic } from "../hash/extArithmetic.ts";
import { proveAir } from "../air/prove.ts";
import type { ProverChannel } from "../hash/proverChannel.ts";
import { commitOracle, recallSent, sendOracle } from "../whir/commit.ts";
import { proveOpening } from "../whir/open.ts";
import type { PreparedSegment } from "./prepareSegment.ts";
import type { ProvingKey } from "./provingKey.ts";
import type { Session } from "./statement.ts";
import { statementWords } from "./verifySegmentProof.ts";

/** Writes the segment's proof to the channel. Mirror: `verifySegmentProof`. */
export function proveSegmentProof(
  { protocol, prover, fixed, stored }: ProvingKey,
  session: Session,
  channel: ProverChannel,
  { statement, tables, trace, contextOut, contextIn }: PreparedSegment,
): void {
  const { air, fractions, lookupGrinding, layouts, opening } = protocol;
  channel.observe(statementWords(session, statement));
  const recalled = [contextOut, contextIn, fixed].map((oracle) => recallSent(channel, oracle));
  const sent = sendOracle(channel, opening, 0, commitOracle(prover, trace, opening.oracles[0]));
  const claims = proveAir({ channel, ...prover, tables, stored }, air, fractions, lookupGrinding);
  proveOpening(prover, channel, opening, [sent, ...recalled], claims.onOracles(extArithmetic, layouts));
}
