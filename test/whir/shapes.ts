import type { WhirShape } from "../../src/whir/shape.ts";
import { oracle, round } from "./fixtures.ts";

/** One oracle of 32 cells, with grinding in every place: a proof of a few hundred words. */
export const small: WhirShape = {
  oracles: [oracle(5, { logFold: 2, queries: 2, foldGrinding: 1 })],
  residueOffsets: [0],
  batchGrinding: 2,
  queryGrinding: 2,
  rounds: [round(3, { logFold: 1, foldGrinding: 1, queryGrinding: 1, queries: 2 })],
  logFinal: 2,
};

/** Oracles of several sizes, rates and kinds, with columns that are not stored, and a stack with a hole. */
export const several: WhirShape = {
  oracles: [
    oracle(10, { name: "trace", columns: 5, foldGrinding: 2 }),
    oracle(8, { name: "context", logFold: 2, logInvRate: 3, outOfDomain: "root" }),
    oracle(7, { name: "fixed", logFold: 2, columns: 3, outOfDomain: "root" }),
  ],
  residueOffsets: [0, 128, 192],
  batchGrinding: 0,
  queryGrinding: 3,
  rounds: [
    round(8),
    round(6, { logInvRate: 3, foldGrinding: 1 }),
    round(4, { logFold: 1, queryGrinding: 2 }),
  ],
  logFinal: 3,
};

/** No interleaving at all. */
export const single: WhirShape = {
  oracles: [oracle(5, { logFold: 0, queries: 4 })],
  residueOffsets: [32],
  batchGrinding: 0,
  queryGrinding: 0,
  rounds: [round(6, { logFold: 3 })],
  logFinal: 3,
};
