import type { FractionShape } from "../lookup/fractionShape.ts";
import type { ArgumentShape } from "../soundness/soundness.ts";
import type { Air, Tensor } from "./air.ts";
import { batchClaims, families } from "./batches.ts";
import { ClaimStore } from "./claims.ts";
import { factorPoint, planClaims, slicePoint } from "./plan.ts";
import { relationVariables } from "./verify.ts";

/** Counts claims and rounds by following every claim through the definitions, as the verifier does: over names of coordinates. */
export function argumentShape(
  air: Air,
  fractions: FractionShape,
  grinding: number,
  oracles: number,
): ArgumentShape {
  const claims = new ClaimStore<string>();
  const add = (tensor: Tensor, point: readonly string[]) => {
    if (tensor.source.kind !== "public") claims.add(tensor, point, "");
  };
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, k) => `${prefix}.${k}`);
  for (const { logLeaves, blocks } of fractions.trees) {
    const point = names(`leaf${logLeaves}`, logLeaves);
    for (const { logSize, columns, multiplicity } of blocks)
      for (const tensor of multiplicity ? [...columns, multiplicity] : columns)
        add(tensor, point.slice(logLeaves - logSize));
  }
  const tau = names("tau", relationVariables(air));
  for (const relation of air.relations) add(relation, tau.slice(0, relation.logSize));

  let sumcheckRounds = 0;
  let sumchecks = 0;
  let batched = 1;
  for (const family of families(air))
    for (const { point, members } of batchClaims(claims, family, (name) => name)) {
      const tensors = members.map(({ tensor }) => tensor);
      const { direct, groups } = planClaims(tensors);
      const output = slicePoint((tensors[0] as Tensor).logs, point);
      for (const { factors } of direct.flat())
        for (const factor of factors) add(factor.tensor, factorPoint(factor, output, [], "half"));
      for (const { labels, factors, variables } of groups) {
        const challenges = names(`sumcheck${sumchecks++}`, variables);
        const slices = slicePoint(
          labels.map(({ log }) => log),
          challenges,
        );
        for (const factor of factors) add(factor.tensor, factorPoint(factor, output, slices, "half"));
        sumcheckRounds += variables;
      }
      if (groups.length > 0) batched = Math.max(batched, members.length);
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
    batched,
    claims: committed.reduce((sum, tensor) => sum + claims.of(tensor).length, 0) + oracles,
  };
}
