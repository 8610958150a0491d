import type { Tensor } from "../air/air.ts";
import type { Layout } from "../air/layout.ts";
import type { StoredTable } from "../air/storedTable.ts";
import { constantTables } from "../air/tables.ts";
import { createKernels, type KernelOptions } from "../kernels/createKernels.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import { createWhirProver, maxLogDomain, type SentOracle, type WhirProver } from "../whir/commit.ts";
import type { FileBytes } from "../whir/commitmentFile.ts";
import type { SamplerSettings } from "../model/sampler.ts";
import { copyWords } from "../whir/memory.ts";
import type { Profile } from "../whir/profile.ts";
import { CarriedContexts } from "./carriedContexts.ts";
import { commitFixed, FIXED } from "./commitFixed.ts";
import { PACKED_FROM, type SegmentProtocol, segmentProtocol } from "./protocol.ts";
import type { Commitment, ModelSession } from "./statement.ts";

/** What a prover needs to prove segments of one model at one T, whatever run with the same sampler's settings they are of; all of it can be recomputed from the weights. */
export interface ProvingKey {
  readonly model: IntegerModel;
  readonly session: ModelSession;
  readonly protocol: SegmentProtocol;
  readonly prover: WhirProver;
  /** Tensors that no statement changes, in the arena for good: public ones, function tables, small weights. */
  readonly constants: ReadonlyMap<Tensor, Ptr>;
  /** Weights too large to lie in the arena as tables. */
  readonly stored: ReadonlyMap<Tensor, StoredTable>;
  /** The committed weights and tables. */
  readonly fixed: SentOracle;
  /** Of the run that was proven last. */
  readonly contexts: CarriedContexts;
  /** Ends the kernels' helper threads. */
  close(): void;
}

/** From this many cells on the fixed oracle lies in a memory of its own: 2^32 bytes are all that one can be. */
const OWN_MEMORY_FROM = 2 ** 24;

export interface ProvingKeyOptions extends KernelOptions {
  readonly sampler?: SamplerSettings;
  /** The commitment to the weights, from before. */
  readonly kept?: FileBytes;
}

/**
 * Commits the model's weights: about a second for 2^21 cells.
 *
 * @param ownMemoryFrom cells from which on the fixed oracle gets its own memory
 */
export function createProvingKey(
  model: IntegerModel,
  profile: Profile,
  logSegment: number,
  { sampler, kept, ...options }: ProvingKeyOptions = {},
  ownMemoryFrom = OWN_MEMORY_FROM,
): ProvingKey {
  const protocol = segmentProtocol(profile, model, logSegment, sampler);
  const { opening, layouts, air } = protocol;
  const layout = layouts[FIXED] as Layout;
  const kernels = createKernels(options);
  const prover = createWhirProver(kernels, maxLogDomain(opening));
  const isApart = layout.cells >= ownMemoryFrom;
  const ownKernels = isApart ? createKernels(options) : kernels;
  const own = isApart ? createWhirProver(ownKernels, maxLogDomain(opening)) : prover;

  const fixed = commitFixed(own, model, protocol, kept);
  const words = fixed.committed.values;
  const constants = constantTables(prover, air);
  const stored = new Map<Tensor, StoredTable>();
  for (const { tensor, offset, packing } of layout.places) {
    const ptr = words + 4 * offset;
    if (2 ** tensor.logSize > PACKED_FROM) stored.set(tensor, { prover: own, ptr, packing });
    else constants.set(tensor, isApart ? copyWords(prover, own, ptr, 2 ** tensor.logSize) : ptr);
  }
  const close = () => {
    kernels.close();
    ownKernels.close();
  };
  const contexts = new CarriedContexts(prover, protocol);
  const { config, shifts, normBits, expScale, scoreShift } = model;
  const description = { config, shifts, normBits, expScale, scoreShift };
  const session = { profile, description, fixed: commitmentOf(fixed), logSegment, sampler };
  return { model, session, protocol, prover, constants, stored, fixed, contexts, close };
}

/** The oracle's name: root and value. */
export function commitmentOf({ committed, outOfDomain }: SentOracle): Commitment {
  return { root: [...committed.root], value: outOfDomain.value };
}
