import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { Frontier } from "../segment/frontier.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { ModelSession, RunTerms } from "../segment/statement.ts";
import type { ProverOptions } from "./sessionProver.ts";

/** To the prover's thread, which keeps nothing of a run. Each is answered once, in order. */
export type ProverRequest =
  | { readonly kind: "create"; readonly model: IntegerModel; readonly options: ProverOptions }
  | {
      readonly kind: "prove" | "skip";
      readonly terms: RunTerms;
      /** Where the run stands; null at its beginning. */
      readonly frontier: Frontier | null;
      readonly rows: SegmentRows;
    };

/** From the prover's thread; or a `FailedReply`. */
export type ProverReply =
  | { readonly kind: "created"; readonly session: ModelSession }
  | { readonly kind: "proven"; readonly result: SegmentResult; readonly frontier: Frontier }
  | { readonly kind: "skipped"; readonly frontier: Frontier };
