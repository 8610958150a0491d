import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { SamplerSettings } from "../model/sampler.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { ModelSession, RunTerms } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";

/** @internal */
export interface ProverOptions {
  /** log2 of the rows of a segment. */
  readonly logSegment: number;
  /** Greedy choice if left out. */
  readonly sampler?: SamplerSettings;
  /** The default profile if left out. */
  readonly profile?: Profile;
  /** The file of a commitment to the weights, which is else computed. */
  readonly commitment?: string;
}

/**
 * Holds the committed weights, and proves for any number of runs, in this thread or in another.
 *
 * @internal
 */
export interface ModelProver {
  readonly session: ModelSession;
  /** A run of its own, from the first position on. */
  begin(terms: RunTerms): SessionProver;
  /** Frees the prover; what it has not finished fails. */
  close(): void;
}

/** A segment prover as one run sees it. Segments are taken in the order in which they are handed over. */
export interface SessionProver {
  prove(rows: SegmentRows): Promise<SegmentResult>;
  /** Goes past a segment that was proven before. */
  skip(rows: SegmentRows): Promise<void>;
}

/** Commits the weights; another one than the default is for tests. */
export type OpenProver = (model: IntegerModel, options: ProverOptions) => Promise<ModelProver>;
