import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { Session } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";

export interface ProverOptions {
  readonly logSegment: number;
  readonly promptLength: number;
  /** The default profile if left out. */
  readonly profile?: Profile;
}

/** A segment prover as the session sees it, in this thread or in another. */
export interface SessionProver {
  readonly session: Session;
  /** Segments are proven in the order in which they are handed over. */
  prove(rows: SegmentRows): Promise<SegmentResult>;
  /** Frees the prover; what it has not finished fails. */
  close(): void;
}

export type OpenProver = (model: IntegerModel, options: ProverOptions) => Promise<SessionProver>;
