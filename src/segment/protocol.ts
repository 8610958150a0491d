import type { Air } from "../air/air.ts";
import { argumentShape } from "../air/argumentShape.ts";
import { type Layout, layoutOf } from "../air/layout.ts";
import { decodeAxes } from "../decode/axes.ts";
import type { ModelDescription } from "../model/description.ts";
import { decodeRules, ORACLES } from "../decode/rules.ts";
import { type SamplerSettings, samplingTable } from "../model/sampler.ts";
import { type FractionShape, fractionShape } from "../lookup/fractionShape.ts";
import { type ArgumentShape, lookupGrinding } from "../soundness/soundness.ts";
import type { OracleKindName, Profile } from "../whir/profile.ts";
import type { WhirShape } from "../whir/shape.ts";
import { whirShape } from "../whir/whirShape.ts";

/** Everything about a segment proof that follows from profile, description, T and sampler: the same for prover and verifier. */
export interface SegmentProtocol {
  readonly air: Air;
  /** One per oracle, in the order of `ORACLES`. */
  readonly layouts: readonly Layout[];
  readonly opening: WhirShape;
  readonly fractions: FractionShape;
  readonly lookupGrinding: number;
  readonly logBlocks: number;
  readonly logVocab: number;
  /** For the soundness calculator. */
  readonly argument: ArgumentShape;
}

const KINDS: Readonly<Record<(typeof ORACLES)[number], OracleKindName>> = {
  trace: "trace",
  contextOut: "context",
  contextIn: "context",
  fixed: "fixed",
};

/**
 * Weights of more cells than these, padding counted, are stored without most of it. Smaller ones are one
 * block, which is less work for the verifier.
 */
export const PACKED_FROM = 2 ** 20;

/** @throws if the profile cannot reach its security at these sizes, T does not fit the capacity, or the sampler the model */
export function segmentProtocol(
  profile: Profile,
  description: ModelDescription,
  logSegment: number,
  sampler?: SamplerSettings,
): SegmentProtocol {
  const axes = decodeAxes(description.config, logSegment);
  if (!Number.isInteger(logSegment) || logSegment < 1 || axes.b < 0)
    throw new Error(
      `segment: expected 2 to ${description.config.capacity} rows (the context's capacity), a power of two, got 2^${logSegment}`,
    );
  const sampling = sampler && samplingTable(sampler, description.config.vocab);
  const air = decodeRules(description, logSegment, sampling);
  const layouts = ORACLES.map((oracle) =>
    layoutOf(air, oracle, oracle === "fixed" ? PACKED_FROM : undefined),
  );
  const opening = whirShape(
    profile,
    layouts.map(({ oracle, logSize, cells }) => ({
      name: oracle,
      kind: KINDS[oracle as keyof typeof KINDS],
      logSize,
      cells,
    })),
  );
  const fractions = fractionShape(air);
  const grinding = lookupGrinding(profile, Math.ceil(Math.log2(fractions.leaves)), fractions.maxArity);
  return {
    air,
    layouts,
    opening,
    fractions,
    lookupGrinding: grinding,
    logBlocks: axes.b,
    logVocab: axes.v,
    get argument() {
      return argumentShape(air, fractions, grinding, ORACLES.length); // verifiers do not ask for it
    },
  };
}
