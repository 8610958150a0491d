import { DEFAULT_PROFILE, type Profile } from "../../src/whir/profile.ts";

/** Quick proofs for tests: 20 bits, no grinding. Never for use: nothing in src/ knows this profile. */
export const testProfile: Profile = {
  ...DEFAULT_PROFILE,
  name: "test",
  securityBits: 20,
  logFinal: 4,
  queryGrinding: 0,
  foldGrinding: 0,
  maxFoldGrinding: 0,
  maxBatchGrinding: 0,
  maxLookupGrinding: 0,
};
