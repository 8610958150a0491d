import type { Tensor } from "../air/air.ts";
import { constantTables } from "../air/tables.ts";
import { fixedTables } from "../decode/fixedTables.ts";
import { createKernels, type KernelOptions } from "../kernels/createKernels.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import {
  commitOracle,
  createWhirProver,
  maxLogDomain,
  nameOracle,
  type SentOracle,
  type WhirProver,
} from "../whir/commit.ts";
import type { Profile } from "../whir/profile.ts";
import { CarriedContexts } from "./carriedContexts.ts";
import { placeOracle } from "./placeOracle.ts";
import { type SegmentProtocol, segmentProtocol } from "./protocol.ts";
import type { Commitment, ModelSession } from "./statement.ts";

/** What a prover needs to prove segments of one model at one T, whatever run they are of; all of it can be recomputed from the weights. */
export interface ProvingKey {
  readonly model: IntegerModel;
  readonly session: ModelSession;
  readonly protocol: SegmentProtocol;
  readonly prover: WhirProver;
  /** Public tensors that no statement changes, in the arena for good. */
  readonly constants: ReadonlyMap<Tensor, Ptr>;
  /** The committed weights and tables. */
  readonly fixed: SentOracle;
  /** Of the run that was proven last. */
  readonly contexts: CarriedContexts;
  /** Ends the kernels' helper threads. */
  close(): void;
}

/** Commits the model's weights: about a second for 2^21 cells. */
export function createProvingKey(
  model: IntegerModel,
  profile: Profile,
  logSegment: number,
  options: KernelOptions = {},
): ProvingKey {
  const protocol = segmentProtocol(profile, model, logSegment);
  const kernels = createKernels(options);
  const prover = createWhirProver(kernels, maxLogDomain(protocol.opening));
  const words = placeOracle(prover, protocol.layouts[3], fixedTables(model, protocol.air));
  const fixed = nameOracle(
    prover,
    protocol.opening,
    3,
    commitOracle(prover, words, protocol.opening.oracles[3]),
  );
  const constants = constantTables(prover, protocol.air);
  const contexts = new CarriedContexts(prover, protocol);
  const { config, shifts, normBits, expScale, scoreShift } = model;
  const description = { config, shifts, normBits, expScale, scoreShift };
  const session = { profile, description, fixed: commitmentOf(fixed), logSegment };
  return { model, session, protocol, prover, constants, fixed, contexts, close: kernels.close };
}

/** The oracle's name: root and value. */
export function commitmentOf({ committed, outOfDomain }: SentOracle): Commitment {
  return { root: [...committed.root], value: outOfDomain.value };
}
