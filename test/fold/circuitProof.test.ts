import { describe, expect, test } from "bun:test";
import { leastSizes } from "../../src/fold/circuit/sizes.ts";
import { createCircuitKey } from "../../src/fold/circuitKey.ts";
import { circuitProtocol } from "../../src/fold/circuitProtocol.ts";
import { proveCircuit } from "../../src/fold/proveCircuit.ts";
import { verifyCircuitProof } from "../../src/fold/verifyCircuitProof.ts";
import { testProfile } from "../soundness/testProfile.ts";
import { smallCircuit, smallProof } from "./smallCircuit.ts";

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
});
