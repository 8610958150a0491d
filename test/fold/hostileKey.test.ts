import { expect, test } from "bun:test";
import type { CircuitSizes } from "../../src/fold/circuit/sizes.ts";
import { encodeFoldProof } from "../../src/fold/format.ts";
import { verifyFinal } from "../../src/fold/verify.ts";
import { NO_TOKEN } from "../../src/segment/statement.ts";
import { attackedModel } from "../segment/attackedModel.ts";
import { testProfile } from "../soundness/testProfile.ts";

const zeros = (count: number) => new Array<number>(count).fill(0);
const name = { root: zeros(8), value: [0, 0, 0, 0, 0] as const };
const session = {
  profile: testProfile,
  description: attackedModel(),
  fixed: name,
  logSegment: 2,
  promptLength: 3,
};
const last = { position: 1, tokenDigest: zeros(8), pendingToken: NO_TOKEN, context: name };
const proof = encodeFoldProof({ first: zeros(8), last, body: new Uint32Array(100) });
const sizes: CircuitSizes = {
  logOps: 14,
  logLifts: 12,
  logBits: 8,
  logCells: 15,
  logInputs: 6,
  hashes: [
    { log: 10, extended: false },
    { log: 8, extended: true },
  ],
};
const check = (change: object, places = 1) => {
  const key = { places, name, sizes: { ...sizes, ...change } as CircuitSizes };
  const verdict = verifyFinal({ session, profile: testProfile, key, tokens: [1] }, proof);
  return verdict.ok ? "accepted" : `${verdict.check}: ${verdict.detail}`;
};

test("a key out of range is refused before a circuit is made of it", () => {
  expect(check({})).toMatch(/^final\/token digest/);
  for (const places of [0, 5, 1.5, -1, Number.NaN])
    expect(check({}, places)).toMatch(/^session: expected places to be an integer in \[1, 4\]/);
  for (const logInputs of [5, 7, 0.5, 2 ** 30, 1e300, -5, Number.NaN, undefined])
    expect(check({ logInputs })).toMatch(/^session: expected logInputs to be an integer in \[6, 6\]/);
  for (const extended of ["false", 1, 2, null, undefined])
    expect(check({ hashes: [{ log: 10, extended }] })).toMatch(/^session: expected extended to be true or/);
  for (const hashes of [null, [], [null], new Array(17).fill(sizes.hashes[0])])
    expect(check({ hashes })).toMatch(/^session: /);
});
