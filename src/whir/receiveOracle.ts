import type { ProofChannel, VerifierChannel } from "../hash/channel.ts";
import type { WhirShape } from "./shape.ts";

/** The value of the multilinear polynomial in the variables of columns, then rows, at a point. */
export interface OutOfDomain<E> {
  readonly point: readonly E[];
  readonly value: E;
}

/** An oracle as the verifier knows it: its root and the out-of-domain claim that picks one codeword. */
export interface ReceivedOracle<E, R> {
  readonly root: R;
  readonly outOfDomain: OutOfDomain<E>;
}

/**
 * Receives an oracle of kind "transcript": root, a random multilinear point, the value there. In the
 * Johnson regime the root binds to a list of L codewords; two of them agree at the point with
 * probability ≤ L²/2·logSize/|E| (WHIR, eprint 2024/1586, §5.1: out-of-domain samples; DEEP-FRI).
 *
 * @example
 * ```ts
 * const trace = receiveOracle(channel, shape, 0);
 * const contextIn = recallOracle(channel, shape, 1, statement.root, statement.value);
 * verifyOpening(channel, shape, [trace, contextIn], claims);
 * ```
 */
export function receiveOracle<E, R, I>(
  channel: ProofChannel<E, R, I>,
  shape: WhirShape,
  oracle: number,
): ReceivedOracle<E, R> {
  const { logSize } = expectKind(shape, oracle, "transcript");
  const root = channel.receiveRoot();
  const point = samplePoint(channel, logSize);
  const [value] = channel.receive(1) as [E];
  return { root, outOfDomain: { point, value } };
}

/**
 * Recalls an oracle of kind "root", which the statement names by its root and its value at the point
 * derived from that root, so that every transcript opens the same codeword (DESIGN §5, trap 4). Absorbs
 * the root; the caller has absorbed the value with the statement.
 */
export function recallOracle<E, R, I, W>(
  channel: VerifierChannel<E, R, I, W>,
  shape: WhirShape,
  oracle: number,
  rootWords: ArrayLike<W>,
  value: E,
): ReceivedOracle<E, R> {
  const { logSize } = expectKind(shape, oracle, "root");
  const root = channel.observeRoot(rootWords);
  return { root, outOfDomain: { point: channel.contextPoint(root, logSize), value } };
}

/** A random point of `count` coordinates. */
export function samplePoint<E>(channel: { sample(): E }, count: number): E[] {
  return Array.from({ length: count }, () => channel.sample());
}

/** The oracle's shape, if it is of this kind. */
export function expectKind(shape: WhirShape, oracle: number, kind: "transcript" | "root") {
  const found = shape.oracles[oracle];
  if (found?.outOfDomain !== kind)
    throw new RangeError(
      `oracle ${oracle}: expected an out-of-domain sample by ${kind}, found ${found?.outOfDomain}`,
    );
  return found;
}
