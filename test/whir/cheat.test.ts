import { describe, expect, test } from "bun:test";
import { ONE } from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import type { Kernels, Ptr } from "../../src/kernels/kernels.ts";
import { checkShape } from "../../src/whir/checkShape.ts";
import type { WhirProver } from "../../src/whir/commit.ts";
import type { WhirShape } from "../../src/whir/shape.ts";
import {
  evaluateClaims,
  instance,
  newProver,
  oracle,
  prove,
  randomPoint,
  randomWords,
  verify,
} from "./fixtures.ts";
import { several, small } from "./shapes.ts";

const next = randomWords(23);

/** A prover whose call number `fault` of the kernel adds one to the first word that the call wrote. */
function faulty(
  shape: WhirShape,
  name: keyof Kernels,
  fault: number,
): { prover: WhirProver; calls: () => number } {
  const prover = newProver(shape);
  let calls = 0;
  const original = prover.kernels[name] as (dst: Ptr, ...rest: number[]) => number;
  const replaced = (dst: Ptr, ...rest: number[]) => {
    original(dst, ...rest);
    if (calls++ !== fault) return;
    const word = prover.arena.u32(dst, 1);
    word[0] = ((word[0] as number) + 1) % P;
  };
  return { prover: { ...prover, kernels: { ...prover.kernels, [name]: replaced } }, calls: () => calls };
}

describe("a prover that goes wrong once", () => {
  const made = instance(small, [{ oracle: 0, offset: 0, point: randomPoint(next, 5) }]);

  // Not encode, hashLeaves and hashNodes: a wrong word of a codeword or tree is seen only if it is queried.
  const kernels = ["contractBase", "contractExt", "eqTable", "addOuter", "productRound", "bindExt"] as const;
  for (const name of kernels)
    test(`in any call of ${name} is rejected`, () => {
      const { prover, calls } = faulty(small, name, -1);
      expect(verify(small, made.claims, prove(made, prover))).toEqual({ ok: true });
      const honest = prove(made).proof;
      for (let fault = 0; fault < calls(); fault++) {
        const proven = prove(made, faulty(small, name, fault).prover);
        const harmless = proven.proof.join() === honest.join(); // the word was never used
        expect({ fault, ok: verify(small, made.claims, proven).ok }).toEqual({ fault, ok: harmless });
      }
    });
});

describe("a prover that committed something else", () => {
  const places = [{ oracle: 0, offset: 0, point: randomPoint(next, 10) }];
  const made = instance(several, places);

  test("than the table it opens is rejected, whether the claims fit the one or the other", () => {
    const table = made.tables[0] as Uint32Array;
    const changed = table.map((word, i) => (i === 5 ? (word + 1) % P : word));
    const fitting = evaluateClaims(several, [changed, ...made.tables.slice(1)], places);
    expect(fitting).not.toEqual(made.claims);
    for (const claims of [made.claims, fitting]) {
      const prover = newProver(several);
      let first = true;
      const proven = prove({ ...made, claims }, prover, (committed) => {
        if (first) prover.arena.u32(committed.values, table.length).set(changed);
        first = false;
        return committed;
      });
      expect(verify(several, claims, proven)).toMatchObject({ ok: false, check: "whir/final" });
    }
  });
});

describe("a shape that does not fit", () => {
  const refuse = (shape: WhirShape) =>
    expect(() => checkShape(shape, shape.oracles.length, [])).toThrow("expected");
  const point = randomPoint(next, 2);

  test("is refused before anything is read", () => {
    expect(() => checkShape(small, 1, [])).not.toThrow();
    expect(() => checkShape(several, 3, [])).not.toThrow();
    expect(() => checkShape(small, 2, [])).toThrow("1 oracles");
    refuse({ ...small, rounds: [] });
    refuse({ ...small, logFinal: 1 });
    refuse({ ...small, residueOffsets: [4] });
    refuse({ ...small, residueOffsets: [8] });
    refuse({ ...small, oracles: [oracle(5, { logFold: 2, columns: 5 })] });
    refuse({ ...several, residueOffsets: [0, 64, 192] });
  });

  test("so are claims off their oracle", () => {
    const claim = (oracleIndex: number, offset: number) => ({ oracle: oracleIndex, offset, point });
    const value = point[0] as (typeof point)[0];
    for (const { oracle: o, offset } of [claim(0, 2), claim(0, 32), claim(1, 0), claim(-1, 0)])
      expect(() =>
        checkShape(small, 1, [{ oracle: o, blocks: [{ offset, weight: ONE }], point, value }]),
      ).toThrow("aligned blocks");
    expect(() =>
      checkShape(small, 1, [{ oracle: 0, blocks: [{ offset: 28, weight: ONE }], point, value }]),
    ).not.toThrow();
  });
});
