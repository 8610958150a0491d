import type { ProofChannel } from "../hash/channel.ts";
import type { FractionShape } from "../lookup/fractionShape.ts";
import { verifyLookups } from "../lookup/verify.ts";
import type { Air, Inputs } from "./air.ts";
import { ClaimStore } from "./claims.ts";
import type { VerifierContext } from "./verifierContext.ts";
import { families } from "./batches.ts";
import { verifyClaims } from "./verifyClaims.ts";

/**
 * Checks that the committed tensors satisfy the air, up to the returned claims on them. All oracles
 * must have been absorbed. Mirror: `proveAir`.
 *
 * 1. lookups (one LogUp-GKR argument for all tables);
 * 2. relations: a tensor that vanishes everywhere vanishes at a random point, error logSize/|E| each
 *    (the zerocheck; its sumcheck is the reduction of the claim "value 0 at τ" in step 3);
 * 3. claims on virtual tensors, last defined first, become claims on their factors; those on a family at one
 *    point together.
 *
 * @example
 * ```ts
 * const air = new AirBuilder({ t: 4 });
 * air.committed("trace", "bit", "t");
 * air.relation("boolean", "t", [[1, "bit t", "bit t"], [-1, "bit t"]]);
 * const claims = verifyAir(channel, air, fractionShape(air), 0, {});
 * verifyOpening(channel, opening, [trace], claims.onOracles([layoutOf(air, "trace")]));
 * ```
 */
export function verifyAir<E, R, I>(
  channel: ProofChannel<E, R, I>,
  air: Air,
  shape: FractionShape,
  lookupGrinding: number,
  inputs: Inputs<E>,
): ClaimStore<E> {
  const context: VerifierContext<E, R, I> = { channel, inputs, claims: new ClaimStore<E>() };
  verifyLookups(context, shape, lookupGrinding);
  const tau = Array.from({ length: relationVariables(air) }, () => channel.sample());
  for (const relation of air.relations)
    context.claims.add(relation, tau.slice(0, relation.logSize), channel.constant(0));
  for (const family of families(air)) verifyClaims(context, family);
  return context.claims;
}

/** Variables of the largest relation. */
export function relationVariables(air: Air): number {
  return Math.max(0, ...air.relations.map(({ logSize }) => logSize));
}
