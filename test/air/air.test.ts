import { describe, expect, test } from "bun:test";
import type { Tensor } from "../../src/air/air.ts";
import { proveAir } from "../../src/air/prove.ts";
import { completeTables } from "../../src/air/tables.ts";
import { verifyAir } from "../../src/air/verify.ts";
import { eBase } from "../../src/field/ext.ts";
import { fromInteger } from "../../src/field/m31.ts";
import { extArithmetic } from "../../src/hash/extArithmetic.ts";
import { runVerifier } from "../../src/hash/nativeChannel.ts";
import { ProverChannel } from "../../src/hash/proverChannel.ts";
import type { Verdict } from "../../src/hash/verdict.ts";
import { evaluate } from "../../src/poly/evaluate.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { fractionShape } from "../../src/lookup/fractionShape.ts";
import { tinyAir, tinyWitness } from "./tinyAir.ts";

/** Proves and verifies without an opening: the final claims are checked against the committed tables themselves. */
function check(
  witness: Map<Tensor, Float64Array>,
  air = tinyAir(),
  tamper = (_: Uint32Array) => {},
): Verdict {
  const shape = fractionShape(air);
  const { kernels, arena } = createKernels();
  const committed = new Map<Tensor, number>();
  for (const [{ name }, values] of witness) {
    const ptr = arena.alloc(values.length);
    arena.u32(ptr, values.length).set(Array.from(values, fromInteger));
    committed.set(air.get(name), ptr);
  }
  const tables = completeTables({ kernels, arena }, air, committed, {});
  const channel = new ProverChannel();
  proveAir({ channel, kernels, arena, tables }, air, shape, 0);
  const proof = channel.finish();
  tamper(proof);
  return runVerifier(proof, (verifier) => {
    const claims = verifyAir(verifier, air, shape, 0, {});
    for (const [tensor, ptr] of committed)
      for (const { point, value } of claims.of(tensor)) {
        const cells = [...arena.u32(ptr, 2 ** tensor.logSize)].map(eBase);
        verifier.expectZero(
          verifier.sub(evaluate(extArithmetic, cells, point), value),
          `open/${tensor.name}`,
        );
      }
  });
}

describe("air", () => {
  test("an honest witness is accepted", () => {
    expect(check(tinyWitness(tinyAir()))).toEqual({ ok: true });
  });

  test("every committed cell is constrained", () => {
    const air = tinyAir();
    for (const tensor of air.tensors.values()) {
      if (tensor.source.kind !== "committed" || tensor.source.oracle !== "trace") continue;
      const witness = tinyWitness(air);
      const values = witness.get(tensor) as Float64Array;
      values[values.length - 1] = (values.at(-1) as number) + 1;
      const verdict = check(witness, air);
      expect([tensor.name, verdict.ok]).toEqual([tensor.name, false]);
    }
  });

  test("every word of the proof matters", () => {
    const honest = tinyWitness(tinyAir());
    let words = 0;
    check(honest, tinyAir(), (proof) => {
      words = proof.length;
    });
    for (let k = 0; k < words; k += 7) {
      const verdict = check(honest, tinyAir(), (proof) => {
        proof[k] = ((proof[k] as number) + 1) % (2 ** 31 - 1);
      });
      expect([k, verdict.ok]).toEqual([k, false]);
    }
  });
});
