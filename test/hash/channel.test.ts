import { describe, expect, test } from "bun:test";
import type { Ext } from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import { hashWords } from "../../src/hash/blake3.ts";
import { runVerifier } from "../../src/hash/nativeChannel.ts";
import { ProverChannel } from "../../src/hash/proverChannel.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { lineDomainPoint } from "../../src/poly/lineDomain.ts";

const prover = createKernels();
const a: Ext = [1, 2, 3, 4, 5];
const root = hashWords([1]);

describe("channels", () => {
  test("mirror each other", () => {
    const channel = new ProverChannel();
    channel.observe([1, 2]);
    channel.send([a, a]);
    channel.sendRoot(root);
    channel.observeRoot(root);
    const r = channel.sample();
    channel.grind(6, prover);
    channel.grind(0, prover);
    const index = channel.sampleIndex(12);
    channel.sendOpenings({ logLeaves: 0, layer: () => root, path: () => new Uint32Array(0) }, [0], [[1]]);
    const verdict = runVerifier(channel.finish(), (verifier) => {
      verifier.observe([1, 2]);
      expect(verifier.receive(2)).toEqual([a, a]);
      expect([...verifier.receiveRoot()]).toEqual([...root]);
      const known = verifier.observeRoot(root);
      expect(verifier.sample()).toEqual(r);
      verifier.grind(6, "work");
      verifier.grind(0, "no work");
      expect(verifier.sampleIndex(12)).toBe(index);
      expect(verifier.openRows(known, 0, 1, [0], "row")).toEqual([[[1, 0, 0, 0, 0]]]);
      expect(verifier.domainPoint(index, 12)).toEqual([lineDomainPoint(index, 12), 0, 0, 0, 0]);
      verifier.expectZero(
        verifier.sub(verifier.scale(a, -1), verifier.mul(a, verifier.constant(P - 1))),
        "minus",
      );
    });
    expect(verdict).toEqual({ ok: true });
  });

  test("refuse work that was not done, and sequences of nonces", () => {
    const channel = new ProverChannel();
    channel.grind(8, prover);
    channel.grind(8, prover);
    const [first, second] = channel.finish() as unknown as [number, number];
    const verify = (words: number[]) =>
      runVerifier(Uint32Array.from(words), (verifier) => {
        verifier.grind(8, "first");
        verifier.grind(8, "second");
      });
    expect(verify([first, second])).toEqual({ ok: true });
    expect(first).not.toBe(0);
    expect(verify([0, second])).toMatchObject({ ok: false, check: "first" });
    expect(verify([first, P])).toMatchObject({ ok: false, check: "canonical words" });
    expect(verify([first])).toMatchObject({ ok: false, check: "proof length" });
  });

  test("let the verifier's own faults through", () => {
    expect(() =>
      runVerifier(new Uint32Array(0), () => {
        throw new RangeError("shape");
      }),
    ).toThrow("shape");
  });

  test("name checks in the verdict", () => {
    const verdict = runVerifier(new Uint32Array(0), (verifier) => verifier.expectZero(a, "demo"));
    expect(verdict).toEqual({ ok: false, check: "demo", detail: "expected 0, found [1, 2, 3, 4, 5]" });
  });
});
