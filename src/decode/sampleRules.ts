import type { AirBuilder, PublicDefinition } from "../air/air.ts";
import { constantTensor, counter } from "../air/publics.ts";
import { DRAW_LIMBS, LOG_KEPT, LOG_LIMB, LOG_STEPS, type SamplingTable } from "../model/sampler.ts";
import { drawLimb } from "./publics.ts";
import { addRange } from "./tableRules.ts";

/**
 * Sampled choice (docs/semantics.md, "Sampling"): every word's weight from its gap to the largest logit; the
 * ticket floor(Z·draw / 2^42) of their sum Z; and that the ticket falls on the chosen word's weight. Prompt
 * rows and dead rows have the draw 0, so the ticket 0, and choose nothing.
 */
export function addSample(air: AirBuilder, { shift, weights }: SamplingTable): void {
  addSampleTables(air, shift, weights);
  addWeights(air, shift);
  addTicket(air);
  // Σ_{v < choice} weight ≤ ticket ≤ Σ_{v ≤ choice} weight − 1, all below 2^29 and so their differences
  air.virtual("ticket.above", "t", [
    [1, `ticket${DRAW_LIMBS - 1} t`],
    [-1, "belowChoice t v", "weight t v"],
  ]);
  addLimbs(air, "ticket.above");
  air.virtual("ticket.below", "t", [
    [1, "belowChoice t v", "weight t v"],
    [1, "choice t v", "weight t v"],
    [-1, "choice t v"],
    [-1, `ticket${DRAW_LIMBS - 1} t`],
  ]);
  addLimbs(air, "ticket.below");
}

/** `sample`: step, weight. `excess`: 0 … 2^n − 2, and 0 once more; so steps and excess together span exactly 2^30. */
function addSampleTables(air: AirBuilder, shift: number, weights: Int32Array): void {
  air.public("sample.step", `x${LOG_STEPS}`, counter(LOG_STEPS));
  air.public("sample.weight", `x${LOG_STEPS}`, constantTensor([...weights]));
  air.table("trace", "sample", ["sample.step", "sample.weight"]);
  const log = 30 - LOG_KEPT - shift;
  air.public("excess.value", `x${log}`, counterButLast(log));
  air.table("trace", "excess", ["excess.value"]);
}

/**
 * gap = top − logit = 2^shift·(step + 2^12·excess) + low, top attained. Words are left out from step 2^12 on
 * at the latest, and have excess only if they are: a step below 2^13 and an excess then give every gap below
 * 2^30, and none besides.
 */
function addWeights(air: AirBuilder, shift: number): void {
  air.committed("trace", "top", "t");
  for (const column of ["isTop", "step", "excess", "weight"]) air.committed("trace", column, "t v");
  air.virtual("gap", "t v", [
    [1, "top t", "isWord v"],
    [-1, "logit t v"],
  ]);
  // where isTop is not 0, the gap is; and it is not 0 at some word
  air.relation("isTop.gap", "t v", [[1, "isTop t v", "gap t v"]]);
  air.relation("isTop.sum", "t", [[1, "isTop t v", "isWord v"], [-1]]);
  air.virtual("gap.low", "t v", [
    [1, "gap t v"],
    [-(2 ** shift), "step t v"],
    [-(2 ** (shift + LOG_KEPT)), "excess t v"],
  ]);
  addRange(air, "gap.low", shift);
  air.lookup("weight", "sample", ["step", "weight"]);
  air.lookup("excess", "excess", ["excess"]);
  air.relation("left out", "t v", [[1, "weight t v", "excess t v"]]);
}

/** total = Σ weight < 2^29; limb by limb, ticket = floor((limb·total + ticket before) / 2^14) < total. */
function addTicket(air: AirBuilder): void {
  air.virtual("total", "t", [[1, "weight t v", "isWord v"]]);
  addLimbs(air, "total");
  for (let k = 0; k < DRAW_LIMBS; k++) {
    air.public(`draw${k}`, "t", drawLimb(k));
    // below 2^28 + 2^29
    air.virtual(`product${k}`, "t", [
      [1, `draw${k} t`, "total.low t"],
      ...(k === 0 ? [] : [[1, `ticket${k - 1} t`] as const]),
    ]);
    addLimbs(air, `product${k}`);
    air.virtual(`ticket${k}`, "t", [
      [1, `draw${k} t`, "total.high t"],
      [1, `product${k}.high t`],
    ]);
  }
}

/** x = 2^14·high + low with a 16-bit high: 0 ≤ x < 2^30, and a negative x above −2^30 has no such limbs modulo p. */
function addLimbs(air: AirBuilder, tensor: string): void {
  air.committed("trace", `${tensor}.high`, "t");
  air.virtual(`${tensor}.low`, "t", [
    [1, `${tensor} t`],
    [-(2 ** LOG_LIMB), `${tensor}.high t`],
  ]);
  addRange(air, `${tensor}.high`, 30 - LOG_LIMB);
  addRange(air, `${tensor}.low`, LOG_LIMB);
}

/** 0, 1, …, 2^log − 2, and 0 where 2^log − 1 would stand. */
function counterButLast(log: number): PublicDefinition {
  const last = 2 ** log - 1;
  return {
    evaluate: (field, inputs, point) => {
      const isLast = point.reduce((product, x) => field.mul(product, x), field.constant(1));
      return field.sub(counter(log).evaluate(field, inputs, point), field.scale(isLast, last));
    },
    values: () => Int32Array.from({ length: last + 1 }, (_, k) => k % last),
  };
}
