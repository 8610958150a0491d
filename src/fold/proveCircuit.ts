import type { Tensor } from "../air/air.ts";
import { proveAir } from "../air/prove.ts";
import { completeTables } from "../air/tables.ts";
import { fromInteger } from "../field/m31.ts";
import { ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { placeOracle } from "../segment/placeOracle.ts";
import { commitOracle, recallSent, sendOracle } from "../whir/commit.ts";
import { proveOpening } from "../whir/open.ts";
import { type CircuitWitness, circuitWitness } from "./circuit/circuitWitness.ts";
import { traceMultiplicities } from "./circuit/multiplicities.ts";
import type { RowList } from "./circuit/rowList.ts";
import type { CircuitKey } from "./circuitKey.ts";

/** Proves a run of the key's circuit, given the values of its cells. Mirror: `verifyCircuitSteps`. */
export function proveCircuit(
  key: CircuitKey,
  memory: RowList,
  inputs: readonly number[],
  alter: (witness: CircuitWitness) => void = () => {},
): Uint32Array {
  const { protocol, prover } = key;
  const { air, layouts, opening, fractions, lookupGrinding } = protocol;
  const { arena } = prover;
  const mark = arena.mark();
  try {
    const witness = circuitWitness(key.circuit, memory, protocol.sizes);
    for (const [name, words] of traceMultiplicities(witness, key.fixedTensors))
      witness.committed.set(name, words);
    alter(witness);
    const trace = placeOracle(prover, layouts[0], witness.committed);
    const known = new Map<Tensor, Ptr>();
    [trace, key.fixed.committed.values].forEach((words, oracle) => {
      for (const { tensor, offset } of layouts[oracle].places) known.set(tensor, words + 4 * offset);
    });
    for (const [name, words] of witness.derived) {
      const ptr = arena.alloc(words.length);
      const target = arena.u32(ptr, words.length);
      for (let k = 0; k < words.length; k++) target[k] = fromInteger(words[k]);
      known.set(air.tensors.get(name) as Tensor, ptr);
    }
    const tables = completeTables(prover, air, known, { public: inputs });

    const channel = new ProverChannel();
    channel.observe(protocol.words);
    channel.observe(inputs);
    const fixed = recallSent(channel, key.fixed);
    const free = arena.mark();
    const committed = commitOracle(prover, trace, opening.oracles[0]);
    const sent = sendOracle(prover, channel, opening, 0, committed);
    const restore = setAside(key, free);
    const claims = proveAir({ channel, ...prover, tables }, air, fractions, lookupGrinding);
    restore();
    proveOpening(prover, channel, opening, [sent, fixed], claims.onOracles(layouts));
    return channel.finish();
  } finally {
    arena.release(mark);
  }
}

/**
 * Moves what the arena holds from `mark` on out of the kernels' memory, which 2^32 bytes are all of, until
 * the function returned puts it back at the same place: the trace's code is not needed before the opening.
 */
function setAside({ prover: { arena }, scratch }: CircuitKey, mark: Ptr): () => void {
  const words = (arena.mark() - mark) / 4;
  if (scratch.words.length < words) scratch.words = new Uint32Array(words);
  scratch.words.set(arena.u32(mark, words));
  arena.release(mark);
  return () => {
    arena.release(mark);
    arena.u32(arena.alloc(words), words).set(scratch.words.subarray(0, words));
  };
}
