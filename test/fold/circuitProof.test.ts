import { describe, expect, test } from "bun:test";
import { CircuitBuilder, wireOf } from "../../src/fold/circuit/circuitBuilder.ts";
import { IntegerWires } from "../../src/fold/circuit/integerWires.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";
import { leastSizes } from "../../src/fold/circuit/sizes.ts";
import { createCircuitKey } from "../../src/fold/circuitKey.ts";
import { circuitProtocol } from "../../src/fold/circuitProtocol.ts";
import { proveCircuit } from "../../src/fold/proveCircuit.ts";
import { verifyCircuitProof } from "../../src/fold/verifyCircuitProof.ts";
import { hashPair, hashWords } from "../../src/hash/blake3.ts";
import { PROOF_LABEL, Transcript } from "../../src/hash/transcript.ts";
import { testProfile } from "../soundness/testProfile.ts";

/** A tree of 8 leaves of 3 words. */
const LEAVES = Array.from({ length: 8 }, (_, i) => [100 + i, 200 + i, 300 + i]);
const LEVELS = [LEAVES.map((leaf) => [...hashWords(leaf)])];
for (let k = 0; k < 3; k++)
  LEVELS.push(
    Array.from({ length: LEVELS[k].length / 2 }, (_, i) => [
      ...hashPair(LEVELS[k][2 * i], LEVELS[k][2 * i + 1]),
    ]),
  );

/** x, the tree's root, its layer of two nodes, and two rows with their paths. */
function smallProof(): Uint32Array {
  const start = [5, 4, 3, 2, 1, ...LEVELS[3][0]];
  const transcript = new Transcript(PROOF_LABEL);
  transcript.absorb(start);
  const rows = [transcript.sampleIndex(3), transcript.sampleIndex(3)].map((index) => [
    ...LEAVES[index],
    ...LEVELS[0][index ^ 1],
    ...LEVELS[1][(index >> 1) ^ 1],
  ]);
  return Uint32Array.from([...start, ...LEVELS[2].flat(), ...rows.flat()]);
}

/** A little of everything: receives, hashes, samples, opens rows. */
function smallCircuit(words = smallProof(), guard: number | null = null) {
  const inputs = [0, 7, 8, 9];
  const builder = new CircuitBuilder(inputs);
  const channel = new RecordingChannel(builder, words);
  const [x] = channel.receive(1);
  const root = channel.receiveRoot();
  const indices = [channel.sampleIndex(3), channel.sampleIndex(3)];
  if (guard !== null) builder.guard = wireOf(builder.cellOf(new IntegerWires(builder).freeBit(guard === 1)));
  const rows = channel.openRows(root, 3, 3, indices, "row");
  builder.guard = null;
  let sum = channel.mul(x, channel.sample());
  for (const value of rows.flat())
    sum = channel.add(channel.mul(sum, x), channel.mul(channel.domainPoint(indices[0], 3), value));
  channel.expectZero(channel.sub(sum, sum), "same");
  channel.expectEnd();
  return { builder, inputs };
}

describe("circuit proofs", () => {
  test("a small circuit", () => {
    const { builder, inputs } = smallCircuit();
    expect(builder.failures).toEqual([]);
    console.log(builder.circuit.counts());
    const protocol = circuitProtocol(testProfile, leastSizes(builder.circuit, 2));
    const key = createCircuitKey(protocol, builder.circuit);
    const start = performance.now();
    const proof = proveCircuit(key, builder.memory, inputs);
    console.log(
      protocol.layouts.map(({ cells }) => cells),
      proof.length,
      performance.now() - start,
    );
    expect(verifyCircuitProof(protocol, key.name, inputs, proof)).toEqual({ ok: true });
    expect(verifyCircuitProof(protocol, key.name, [0, 7, 8, 10], proof).ok).toBe(false);
  }, 60000);

  test("a path that ends elsewhere, where the guard is 1", () => {
    const changes = { layer: 13, "other node of the layer": 13 + 8, row: 13 + 16, sibling: 13 + 16 + 3 };
    for (const [name, at] of Object.entries({ nothing: -1, ...changes }))
      for (const guard of [0, 1]) {
        const words = smallProof();
        if (at >= 0) words[at] ^= 1;
        const { builder, inputs } = smallCircuit(words, guard);
        const fails = guard === 1 && at >= 0;
        expect([name, guard, builder.failures.length > 0]).toEqual([name, guard, fails]);
        const protocol = circuitProtocol(testProfile, leastSizes(builder.circuit, 2));
        const key = createCircuitKey(protocol, builder.circuit);
        const { ok } = verifyCircuitProof(
          protocol,
          key.name,
          inputs,
          proveCircuit(key, builder.memory, inputs),
        );
        expect([name, guard, ok]).toEqual([name, guard, !fails]);
      }
  }, 120000);

  test("every committed cell is constrained, in rows in use and in others", () => {
    const { builder, inputs } = smallCircuit();
    const protocol = circuitProtocol(testProfile, leastSizes(builder.circuit, 2));
    const key = createCircuitKey(protocol, builder.circuit);
    const survivors: string[] = [];
    let count = 0;
    for (const { tensor } of protocol.layouts[0].places)
      for (let row of [1, 2 ** tensor.logSize - 1]) {
        // Cells that nothing reads may hold anything.
        if (tensor.name.startsWith("memory.") && row !== 1) row = builder.circuit.cells - 1;
        const proof = proveCircuit(key, builder.memory, inputs, ({ committed, derived }) => {
          (committed.get(tensor.name) as Int32Array)[row] ^= 1;
          derived.clear(); // what follows from the changed cell follows from it in the proof too
        });
        const verdict = verifyCircuitProof(protocol, key.name, inputs, proof);
        count++;
        if (verdict.ok) survivors.push(`${tensor.name} ${row}`);
      }
    console.log(`${count} cells changed`);
    expect(survivors).toEqual([]);
  }, 300000);
});
