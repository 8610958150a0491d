import { verifyAir } from "../air/verify.ts";
import type { VerifierChannel } from "../hash/channel.ts";
import { runVerifier } from "../hash/nativeChannel.ts";
import type { Verdict } from "../hash/verdict.ts";
import type { CommitmentWires } from "../segment/verifySegmentProof.ts";
import type { Commitment } from "../segment/statement.ts";
import { receiveOracle, recallOracle } from "../whir/receiveOracle.ts";
import { verifyOpening } from "../whir/verify.ts";
import type { CircuitProtocol } from "./circuitProtocol.ts";

/** What a proof of a circuit states: numbers, or wires when a circuit verifies it. */
export interface CircuitStatement<E, W> {
  /** The public inputs as words, below 2^16 each; all 2^logInputs, the first is 0. */
  readonly words: readonly W[];
  /** The same as elements. */
  readonly inputs: readonly E[];
  /** The name of the fixed oracle: the circuit's verifying key. Its value is absorbed by who calls. */
  readonly key: CommitmentWires<E, W>;
}

/** Verifies that the circuit named by `key` has a witness with these inputs, over any channel. Mirror: `proveCircuit`. */
export function verifyCircuitSteps<E, R, I, W>(
  channel: VerifierChannel<E, R, I, W | number>,
  protocol: CircuitProtocol,
  { words, inputs, key }: CircuitStatement<E, W>,
): void {
  const { air, fractions, lookupGrinding, layouts, opening } = protocol;
  channel.observe(protocol.words);
  channel.observe(words);
  const fixed = recallOracle(channel, opening, 1, key.root, key.value);
  const trace = receiveOracle(channel, opening, 0);
  const claims = verifyAir(channel, air, fractions, lookupGrinding, { public: inputs });
  verifyOpening(channel, opening, [trace, fixed], claims.onOracles(channel, layouts));
}

/** Verifies a proof natively. Whatever its words are, it returns a verdict. */
export function verifyCircuitProof(
  protocol: CircuitProtocol,
  key: Commitment,
  inputs: readonly number[],
  proof: Uint32Array,
): Verdict {
  const expected = 2 ** protocol.sizes.logInputs;
  if (inputs.length !== expected || inputs[0] !== 0 || inputs.some((half) => half >= 2 ** 16))
    throw new RangeError(`circuit: expected ${expected} inputs below 2^16, the first 0`);
  return runVerifier(proof, (channel) =>
    verifyCircuitSteps(channel, protocol, {
      words: inputs,
      inputs: inputs.map((half) => channel.constant(half)),
      key: { root: key.root, value: channel.constant(key.value) },
    }),
  );
}
