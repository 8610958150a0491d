import type { FinalStatement, FinalVerdict } from "../../fold/verify.ts";
import type { Boundary, Session } from "../../segment/statement.ts";
import type { ChainVerdict, SegmentVerdict } from "../../segment/verify.ts";

/** What the verifier's thread is asked, each with the verdict that it gives. */
export interface WorkerTasks {
  readonly segment: {
    readonly request: { readonly session: Session; readonly proof: Uint8Array; readonly incoming?: Boundary };
    readonly verdict: SegmentVerdict;
  };
  readonly chain: {
    readonly request: { readonly file: string; readonly proofs: readonly Uint8Array[] };
    readonly verdict: ChainVerdict;
  };
  readonly final: {
    readonly request: { readonly statement: FinalStatement; readonly proof: Uint8Array };
    readonly verdict: FinalVerdict;
  };
  /** A final proof as it was kept: `session.json` and `fold.json` beside it. */
  readonly keptFinal: {
    readonly request: { readonly file: string; readonly fold: string; readonly proof: Uint8Array };
    readonly verdict: FinalVerdict;
  };
}

export type WorkerRequest = {
  [Kind in keyof WorkerTasks]: { readonly id: number; readonly kind: Kind } & WorkerTasks[Kind]["request"];
}[keyof WorkerTasks];

export interface WorkerReply {
  readonly id: number;
  readonly verdict: WorkerTasks[keyof WorkerTasks]["verdict"];
  readonly ms: number;
}
