import type { FractionShape } from "../lookup/fractionShape.ts";
import type { ArgumentShape } from "../soundness/soundness.ts";
import type { Air } from "./air.ts";
import { planClaim } from "./plan.ts";
import { relationVariables } from "./verify.ts";

/** Counts claims and rounds by following every claim through the definitions, as the verifier does. */
export function argumentShape(
  air: Air,
  fractions: FractionShape,
  grinding: number,
  oracles: number,
): ArgumentShape {
  const claims = new Map<string, number>();
  const add = (name: string, count: number) => claims.set(name, (claims.get(name) ?? 0) + count);
  for (const { columns, multiplicity } of fractions.trees.flatMap(({ blocks }) => blocks))
    for (const tensor of multiplicity ? [...columns, multiplicity] : columns) add(tensor.name, 1);
  for (const relation of air.relations) add(relation.name, 1);
  let sumcheckRounds = 0;
  for (const virtual of [...air.virtuals].reverse()) {
    const count = claims.get(virtual.name) ?? 0;
    const { direct, groups } = planClaim(virtual);
    for (const { factors } of [...direct, ...groups])
      for (const { tensor } of factors) add(tensor.name, count);
    for (const { variables } of groups) sumcheckRounds += count * variables;
  }
  const committed = [...air.tensors.values()].filter(({ source }) => source.kind === "committed");
  return {
    lookupLogLeaves: Math.ceil(Math.log2(fractions.leaves)),
    lookupLayers: fractions.trees[0].logLeaves,
    lookupTrees: fractions.trees.length,
    maxTupleArity: fractions.maxArity,
    lookupGrinding: grinding,
    relations: air.relations.length,
    relationVariables: relationVariables(air),
    sumcheckRounds,
    claims: committed.reduce((sum, { name }) => sum + (claims.get(name) ?? 0), 0) + oracles,
  };
}
