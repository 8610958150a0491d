import { extArithmetic } from "../hash/extArithmetic.ts";
import type { Tensor } from "../air/air.ts";
import { proveAir } from "../air/prove.ts";
import { completeTables } from "../air/tables.ts";
import { ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { commitOracle, recallSent, sendOracle } from "../whir/commit.ts";
import { proveOpening } from "../whir/open.ts";
import { storedWords } from "../whir/shape.ts";
import { circuitWitness } from "./circuit/circuitWitness.ts";
import { traceMultiplicities } from "./circuit/multiplicities.ts";
import type { RowList } from "./circuit/rowList.ts";
import { HASH_PREFIX } from "./circuit/sizes.ts";
import type { CircuitKey } from "./circuitKey.ts";

/**
 * Proves a run of the key's circuit, given the values of its cells. Mirror: `verifyCircuitSteps`.
 *
 * @param ended for measurements: told the name of each stage when it is over
 */
export function proveCircuit(
  key: CircuitKey,
  memory: RowList,
  inputs: readonly number[],
  ended: (stage: string) => void = () => {},
): Uint32Array {
  const { protocol, prover, coder } = key;
  const { air, layouts, opening, fractions, lookupGrinding } = protocol;
  const { arena } = prover;
  const marks = [arena.mark(), coder.arena.mark()] as const;
  try {
    const stored = storedWords(opening.oracles[0]);
    const trace = arena.alloc(stored);
    const known = new Map<Tensor, Ptr>();
    [trace, key.fixed.committed.values].forEach((words, oracle) => {
      for (const { tensor, offset } of layouts[oracle].places) known.set(tensor, words + 4 * offset);
    });
    // All memory is taken before the first view of it: taking more may move it.
    const hashTensors = air.virtuals.filter(({ name }) => name.startsWith(HASH_PREFIX));
    const reserved = new Map(hashTensors.map((tensor) => [tensor, arena.alloc(2 ** tensor.logSize)]));
    const place = (name: string, length: number) => {
      const tensor = air.tensors.get(name) as Tensor;
      const ptr = reserved.get(tensor) ?? known.get(tensor);
      return ptr === undefined || key.fixedTensors.has(name)
        ? new Int32Array(length)
        : new Int32Array(arena.memory.buffer, ptr, length).fill(0);
    };
    arena.u32(trace, stored).fill(0);
    const witness = circuitWitness(key.circuit, memory, protocol.sizes, place);
    for (const [name, counts] of traceMultiplicities(witness, key.fixedTensors, protocol.sizes)) {
      const words = place(name, counts.length);
      words.set(counts);
      witness.committed.set(name, words);
    }
    for (const name of witness.derived.keys()) {
      const tensor = air.tensors.get(name) as Tensor;
      known.set(tensor, reserved.get(tensor) as Ptr);
    }
    ended("witness");
    const tables = completeTables(prover, air, known, { public: inputs });
    ended("virtual tensors");

    const channel = new ProverChannel();
    channel.observe(protocol.words);
    channel.observe(inputs);
    const fixed = recallSent(channel, key.fixed);
    const committed = commitOracle(prover, trace, opening.oracles[0], coder);
    const sent = sendOracle(channel, opening, 0, committed);
    ended("commitment");
    const claims = proveAir({ channel, ...prover, tables }, air, fractions, lookupGrinding);
    ended("lookups and claims");
    proveOpening(prover, channel, opening, [sent, fixed], claims.onOracles(extArithmetic, layouts));
    ended("opening");
    return channel.finish();
  } finally {
    arena.release(marks[0]);
    coder.arena.release(marks[1]);
  }
}
