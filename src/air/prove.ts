import type { Ext } from "../field/ext.ts";
import { ZERO } from "../field/ext.ts";
import type { FractionShape } from "../lookup/fractionShape.ts";
import { proveLookups } from "../lookup/prove.ts";
import type { Air } from "./air.ts";
import { ClaimStore } from "./claims.ts";
import { families } from "./batches.ts";
import { proveClaims } from "./proveClaims.ts";
import type { ProverContext } from "./proverContext.ts";
import { relationVariables } from "./verify.ts";

/** Proves that the tables satisfy the air, up to the returned claims on committed tensors. Mirror: `verifyAir`. */
export function proveAir(
  base: Omit<ProverContext, "claims" | "stored"> & Partial<Pick<ProverContext, "stored">>,
  air: Air,
  shape: FractionShape,
  lookupGrinding: number,
): ClaimStore<Ext> {
  const context: ProverContext = { stored: new Map(), ...base, claims: new ClaimStore<Ext>() };
  proveLookups(context, shape, lookupGrinding);
  const tau = Array.from({ length: relationVariables(air) }, () => context.channel.sample());
  for (const relation of air.relations) context.claims.add(relation, tau.slice(0, relation.logSize), ZERO);
  for (const family of families(air)) proveClaims(context, family);
  return context.claims;
}
