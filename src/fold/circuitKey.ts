import { createKernels, type KernelOptions } from "../kernels/createKernels.ts";
import { placeOracle } from "../segment/placeOracle.ts";
import { commitmentOf } from "../segment/provingKey.ts";
import type { Commitment } from "../segment/statement.ts";
import {
  commitOracle,
  createWhirProver,
  maxLogDomain,
  nameOracle,
  type SentOracle,
  type WhirProver,
} from "../whir/commit.ts";
import { storedWords } from "../whir/shape.ts";
import type { Circuit } from "./circuit/circuit.ts";
import { circuitFixed, type Tensors } from "./circuit/circuitFixed.ts";
import type { CircuitProtocol } from "./circuitProtocol.ts";

/**
 * What a prover needs to prove runs of one circuit. Codes and their trees lie in a memory of their own, as one memory
 * is at most 2^32 bytes.
 */
export interface CircuitKey {
  readonly protocol: CircuitProtocol;
  readonly circuit: Circuit;
  readonly prover: WhirProver;
  /** In whose memory oracles are encoded. */
  readonly coder: WhirProver;
  readonly fixedTensors: Tensors;
  readonly fixed: SentOracle;
  /** The verifying key. */
  readonly name: Commitment;
  close(): void;
}

/** Commits a circuit. */
export function createCircuitKey(
  protocol: CircuitProtocol,
  circuit: Circuit,
  options: KernelOptions = {},
): CircuitKey {
  const { sizes, opening, layouts } = protocol;
  const [kernels, coding] = [createKernels(options), createKernels(options)];
  const prover = createWhirProver(kernels, maxLogDomain(opening));
  const coder = createWhirProver(coding, maxLogDomain(opening));
  const fixedTensors = circuitFixed(circuit, sizes);
  const words = placeOracle(prover, layouts[1], fixedTensors, storedWords(opening.oracles[1]));
  const committed = commitOracle(prover, words, opening.oracles[1], coder);
  const fixed = nameOracle(opening, 1, committed);
  const name = commitmentOf(fixed);
  const close = () => {
    kernels.close();
    coding.close();
  };
  return { protocol, circuit, prover, coder, fixedTensors, fixed, name, close };
}
