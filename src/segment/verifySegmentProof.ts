import type { Inputs } from "../air/air.ts";
import { verifyAir } from "../air/verify.ts";
import { publicInputs } from "../decode/publicInputs.ts";
import type { VerifierChannel } from "../hash/channel.ts";
import { receiveOracle, recallOracle } from "../whir/receiveOracle.ts";
import { verifyOpening } from "../whir/verify.ts";
import { boundaryDigest, modelId, tokenWords } from "./boundary.ts";
import type { SegmentProtocol } from "./protocol.ts";
import type { Commitment, SegmentStatement, Session } from "./statement.ts";

/** A reused oracle's name, as the channel holds it. */
export interface CommitmentWires<E, W> {
  readonly root: readonly W[];
  readonly value: E;
}

/** What the steps read of a statement that has passed `checkStatement`: numbers, or wires in the folding circuit. */
export interface StatementWires<E, W> {
  /** `statementWords` */
  readonly words: readonly W[];
  readonly contextOut: CommitmentWires<E, W>;
  readonly contextIn: CommitmentWires<E, W>;
  readonly fixed: CommitmentWires<E, W>;
  /** `statementInputs` */
  readonly inputs: Inputs<E>;
}

/** The segment verifier. The statement has passed `checkStatement`. Mirror: `SegmentProver.prove`. */
export function verifySegmentProof<E, R, I>(
  channel: VerifierChannel<E, R, I>,
  session: Session,
  protocol: SegmentProtocol,
  statement: SegmentStatement,
): void {
  const wires = ({ root, value }: Commitment) => ({ root, value: channel.constant(value) });
  verifySegmentSteps(channel, protocol, {
    words: statementWords(session, statement),
    contextOut: wires(statement.boundaryOut.context),
    contextIn: wires(statement.boundaryIn.context),
    fixed: wires(session.fixed),
    inputs: Object.fromEntries(
      Object.entries(statementInputs(session, protocol, statement)).map(([name, values]) => [
        name,
        values.map((value) => channel.constant(value)),
      ]),
    ),
  });
}

/** The steps, over any channel. */
export function verifySegmentSteps<E, R, I, W>(
  channel: VerifierChannel<E, R, I, W>,
  protocol: SegmentProtocol,
  statement: StatementWires<E, W>,
): void {
  channel.observe(statement.words);
  const recall = (oracle: number, { root, value }: CommitmentWires<E, W>) =>
    recallOracle(channel, protocol.opening, oracle, root, value);
  const contextOut = recall(1, statement.contextOut);
  const contextIn = recall(2, statement.contextIn);
  const fixed = recall(3, statement.fixed);
  const trace = receiveOracle(channel, protocol.opening, 0);
  const claims = verifyAir(
    channel,
    protocol.air,
    protocol.fractions,
    protocol.lookupGrinding,
    statement.inputs,
  );
  verifyOpening(
    channel,
    protocol.opening,
    [trace, contextOut, contextIn, fixed],
    claims.onOracles(channel, protocol.layouts),
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
    ...tokenWords(session.logSegment, tokens),
  ];
}

/** The rules' public inputs for this statement. */
export function statementInputs(
  { logSegment, promptLength, sampler }: Session,
  { logBlocks, logVocab }: SegmentProtocol,
  { boundaryIn, boundaryOut, tokens }: SegmentStatement,
) {
  const { position } = boundaryIn;
  const rows = {
    position,
    tokens,
    nextToken: boundaryOut.pendingToken,
    promptLength,
    seed: sampler?.seed,
  };
  return publicInputs(rows, logSegment, logBlocks, logVocab);
}
