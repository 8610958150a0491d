import type { Air } from "../air/air.ts";
import { argumentShape } from "../air/argumentShape.ts";
import { type Layout, layoutOf } from "../air/layout.ts";
import { type FractionShape, fractionShape } from "../lookup/fractionShape.ts";
import { type ArgumentShape, lookupGrinding } from "../soundness/soundness.ts";
import { type Profile, profileWords } from "../whir/profile.ts";
import type { WhirShape } from "../whir/shape.ts";
import { whirShape } from "../whir/whirShape.ts";
import { CIRCUIT_ORACLES, circuitAir } from "./circuit/circuitAir.ts";
import { type CircuitSizes, sizeWords } from "./circuit/sizes.ts";

/** Everything about the proofs of a circuit of these sizes that does not depend on the circuit itself. */
export interface CircuitProtocol {
  readonly profile: Profile;
  readonly sizes: CircuitSizes;
  readonly air: Air;
  /** One per oracle, in the order of `CIRCUIT_ORACLES`. */
  readonly layouts: readonly Layout[];
  readonly opening: WhirShape;
  readonly fractions: FractionShape;
  readonly lookupGrinding: number;
  /** For the soundness calculator. */
  readonly argument: ArgumentShape;
  /** What every transcript begins with. */
  readonly words: readonly number[];
}

/** @throws if the profile cannot reach its security at these sizes */
export function circuitProtocol(profile: Profile, sizes: CircuitSizes): CircuitProtocol {
  const air = circuitAir(sizes);
  const layouts = CIRCUIT_ORACLES.map((oracle) => layoutOf(air, oracle));
  const opening = whirShape(
    profile,
    layouts.map(({ logSize, cells }, k) => {
      const name = CIRCUIT_ORACLES[k];
      return { name, kind: name, logSize, cells };
    }),
  );
  const fractions = fractionShape(air);
  const grinding = lookupGrinding(profile, Math.ceil(Math.log2(fractions.leaves)), fractions.maxArity);
  const words = [...profileWords(profile), ...sizeWords(sizes)];
  return {
    profile,
    sizes,
    air,
    layouts,
    opening,
    fractions,
    lookupGrinding: grinding,
    words,
    get argument() {
      return argumentShape(air, fractions, grinding, CIRCUIT_ORACLES.length); // verifiers do not ask for it
    },
  };
}
