import { verifyAir } from "../air/verify.ts";
import { publicInputs } from "../decode/publicInputs.ts";
import type { VerifierChannel } from "../hash/channel.ts";
import { receiveOracle, recallOracle } from "../whir/receiveOracle.ts";
import { verifyOpening } from "../whir/verify.ts";
import { boundaryDigest, modelId } from "./boundary.ts";
import type { SegmentProtocol } from "./protocol.ts";
import type { Commitment, SegmentStatement, Session } from "./statement.ts";

/**
 * The segment verifier, over any channel. The statement has passed `checkStatement`. Mirror:
 * `SegmentProver.prove`.
 */
export function verifySegmentProof<E, R, I>(
  channel: VerifierChannel<E, R, I>,
  session: Session,
  protocol: SegmentProtocol,
  statement: SegmentStatement,
): void {
  channel.observe(statementWords(session, statement));
  const recall = (oracle: number, { root, value }: Commitment) =>
    recallOracle(channel, protocol.opening, oracle, root, channel.constant(value));
  const contextOut = recall(1, statement.boundaryOut.context);
  const contextIn = recall(2, statement.boundaryIn.context);
  const fixed = recall(3, session.fixed);
  const trace = receiveOracle(channel, protocol.opening, 0);

  const inputs = Object.fromEntries(
    Object.entries(statementInputs(session, protocol, statement)).map(([name, values]) => [
      name,
      values.map((value) => channel.constant(value)),
    ]),
  );
  const claims = verifyAir(channel, protocol.air, protocol.fractions, protocol.lookupGrinding, inputs);
  verifyOpening(
    channel,
    protocol.opening,
    [trace, contextOut, contextIn, fixed],
    claims.onOracles(protocol.layouts),
  );
}

/** What every transcript begins with: both boundaries, which bind all else, and the segment's tokens. */
export function statementWords(
  session: Session,
  { boundaryIn, boundaryOut, tokens }: SegmentStatement,
): number[] {
  const id = modelId(session);
  return [
    ...id,
    ...boundaryDigest(session, id, boundaryIn),
    ...boundaryDigest(session, id, boundaryOut),
    tokens.length,
    ...tokens,
  ];
}

/** The rules' public inputs for this statement. */
export function statementInputs(
  { logSegment, promptLength }: Session,
  { logBlocks, logVocab }: SegmentProtocol,
  { boundaryIn, boundaryOut, tokens }: SegmentStatement,
) {
  const rows = { position: boundaryIn.position, tokens, nextToken: boundaryOut.pendingToken, promptLength };
  return publicInputs(rows, logSegment, logBlocks, logVocab);
}
