import type { ModelDescription } from "../model/description.ts";
import { proofSize } from "../soundness/proofSize.ts";
import type { Profile } from "../whir/profile.ts";
import { segmentProtocol } from "./protocol.ts";

/**
 * Seconds of proving, by what is proven: fitted to the shapes of bench/RESULTS.md (T = 8 to 128, capacity 64 to
 * 512, 1 to 30 layers, width 64 to 576; 2 cores, Bun), which it gives within 11 %.
 */
const SECONDS = { segment: 73e-3, cell: 107e-9, lookup: 73e-9, contextCell: 98e-9, fixedCell: 22e-9 };

/** What a full segment costs. */
export interface SegmentPlan {
  /** T. */
  readonly rows: number;
  /** Committed cells of the trace. */
  readonly cells: number;
  /** Lookups and table rows: leaves of the fraction trees. */
  readonly lookups: number;
  /** Cells of the carried context, committed anew in each segment. */
  readonly contextCells: number;
  /** Cells of weights and tables: committed once, opened in each segment. */
  readonly fixedCells: number;
  /** Of the proof at most, in bytes: paths that share nodes make it some per cent smaller. */
  readonly proofBytes: number;
  /** Expected on the machine of bench/RESULTS.md. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/**
 * The cost of a segment, from the rules themselves: nothing is decoded or proven.
 *
 * @example
 * ```ts
 * console.log(planSegment(DEFAULT_PROFILE, model, 6).tokensPerSecond);
 * ```
 */
export function planSegment(
  profile: Profile,
  description: ModelDescription,
  logSegment: number,
): SegmentPlan {
  const { layouts, fractions, opening, argument } = segmentProtocol(profile, description, logSegment);
  const [trace, context, , fixed] = layouts;
  const rows = 2 ** logSegment;
  const seconds =
    SECONDS.segment +
    SECONDS.cell * trace.cells +
    SECONDS.lookup * fractions.leaves +
    SECONDS.contextCell * context.cells +
    SECONDS.fixedCell * fixed.cells;
  return {
    rows,
    cells: trace.cells,
    lookups: fractions.leaves,
    contextCells: context.cells,
    fixedCells: fixed.cells,
    proofBytes: proofSize(opening, argument).bytes,
    seconds,
    tokensPerSecond: rows / seconds,
  };
}
