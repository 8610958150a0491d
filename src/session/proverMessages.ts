import type { SegmentRows } from "../decode/recorder.ts";
import type { IntegerModel } from "../model/integerModel.ts";
import type { SegmentResult } from "../segment/prover.ts";
import type { Session } from "../segment/statement.ts";
import type { ProverOptions } from "./sessionProver.ts";

/** To the prover's thread. Each is answered once, in order. */
export type ProverRequest =
  | { readonly kind: "create"; readonly model: IntegerModel; readonly options: ProverOptions }
  | { readonly kind: "prove"; readonly rows: SegmentRows };

/** From the prover's thread; or a `FailedReply`. */
export type ProverReply =
  | { readonly kind: "created"; readonly session: Session }
  | { readonly kind: "proven"; readonly result: SegmentResult };
