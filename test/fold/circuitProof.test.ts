import { describe, expect, test } from "bun:test";
import { CircuitBuilder } from "../../src/fold/circuit/circuitBuilder.ts";
import { RecordingChannel } from "../../src/fold/circuit/recordingChannel.ts";
import { leastSizes } from "../../src/fold/circuit/sizes.ts";
import { createCircuitKey } from "../../src/fold/circuitKey.ts";
import { circuitProtocol } from "../../src/fold/circuitProtocol.ts";
import { proveCircuit } from "../../src/fold/proveCircuit.ts";
import { verifyCircuitProof } from "../../src/fold/verifyCircuitProof.ts";
import { testProfile } from "../soundness/testProfile.ts";

/** A little of everything: reads a proof of 14 words, hashes, samples, opens a row. */
function smallCircuit(words = Uint32Array.from({ length: 5 + 8 + 3 + 24 }, (_, k) => 1000003 * k)) {
  const inputs = [0, 7, 8, 9];
  const builder = new CircuitBuilder(inputs);
  const channel = new RecordingChannel(builder, words);
  const [x] = channel.receive(1);
  const root = channel.receiveRoot();
  const index = channel.sampleIndex(3);
  builder.guard = channel.constant(0);
  const row = channel.openRow(root, 3, 3, index, "row");
  builder.guard = null;
  let sum = channel.mul(x, channel.sample());
  for (const value of row) sum = channel.add(channel.mul(sum, x), channel.domainPoint(index, 3) && value);
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
