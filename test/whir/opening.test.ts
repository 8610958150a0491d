import { describe, expect, test } from "bun:test";
import { eAdd, ONE } from "../../src/field/ext.ts";
import { hashWords } from "../../src/hash/blake3.ts";
import { openingWords } from "../../src/whir/openingWords.ts";
import type { WhirShape } from "../../src/whir/shape.ts";
import vectors from "../vectors/opening.json";
import {
  type ClaimPlace,
  expanded,
  instance,
  newProver,
  prove,
  randomPoint,
  randomWords,
  round,
  verify,
} from "./fixtures.ts";
import { several, single, small } from "./shapes.ts";

const next = randomWords(7);
const at = (oracleIndex: number, offset: number, k: number): ClaimPlace => ({
  oracle: oracleIndex,
  offset,
  point: randomPoint(next, k),
});

const shapes: [string, WhirShape, ClaimPlace[]][] = [
  ["one small oracle", small, [at(0, 0, 5), at(0, 16, 3), at(0, 9, 0), at(0, 24, 2)]],
  ["no claims but the sample", small, []],
  [
    "several oracles",
    several,
    [
      at(0, 0, 10),
      at(0, 512, 7),
      at(0, 0, 9),
      at(0, 256, 8),
      at(0, 64, 6),
      at(1, 0, 8),
      at(1, 128, 7),
      at(1, 3, 0),
      at(2, 0, 7),
      at(2, 64, 6),
      at(2, 32, 5),
    ],
  ],
  [
    "many scattered claims",
    several,
    [...Array.from({ length: 60 }, (_, i) => at(0, 128 * (i % 5), 7)), at(0, 0, 10), at(1, 0, 8)],
  ],
  [
    "a stack that is half empty",
    { ...single, residueOffsets: [0], rounds: [round(6, { logFold: 3, columns: 4 })] },
    [at(0, 0, 5), at(0, 8, 3)],
  ],
  ["one column, one round", single, [at(0, 0, 5), at(0, 8, 3)]],
];

/** Every place of a shape has a word of every kind, so one digest stands for the whole proof. */
const digest = (proof: Uint32Array) => [...hashWords(proof)];

describe("a frozen proof", () => {
  for (const scalar of [false, true])
    test(`is the same ${scalar ? "with scalar" : "with WebAssembly"} kernels`, () => {
      for (const { shape, places, words, digest: expected } of vectors) {
        const chosen = { small, several }[shape] as WhirShape;
        const made = instance(chosen, places as unknown as ClaimPlace[]);
        const whole = expanded(chosen, made.claims, prove(made, newProver(chosen, { scalar })));
        expect(whole.length).toBe(words);
        expect(digest(whole)).toEqual(expected);
      }
    });
});

describe("opening", () => {
  for (const [name, shape, places] of shapes) {
    test(`${name}: an honest proof is accepted`, () => {
      const { claims, ...rest } = instance(shape, places);
      const proven = prove({ claims, ...rest });
      expect(verify(shape, claims, proven)).toEqual({ ok: true });
      const sent = shape.oracles.filter(({ outOfDomain }) => outOfDomain === "transcript").length;
      const length = 13 * sent + openingWords(shape);
      expect(expanded(shape, claims, proven).length).toBe(length);
      expect(proven.proof.length).toBeLessThanOrEqual(length);
    });

    test(`${name}: a wrong value of any claim is rejected`, () => {
      const made = instance(shape, places);
      const proven = prove(made);
      made.claims.slice(0, 12).forEach((_, i) => {
        const claims = made.claims.map((claim, j) =>
          i === j ? { ...claim, value: eAdd(claim.value, ONE) } : claim,
        );
        expect(verify(shape, claims, proven).ok).toBe(false);
        expect(verify(shape, claims, prove({ ...made, claims })).ok).toBe(false);
      });
    });
  }
});
