import type { Boundary, Session } from "../../segment/statement.ts";
import type { ChainVerdict, SegmentVerdict } from "../../segment/verify.ts";

export type WorkerRequest =
  | {
      readonly id: number;
      readonly kind: "segment";
      readonly session: Session;
      readonly proof: Uint8Array;
      readonly incoming?: Boundary;
    }
  | {
      readonly id: number;
      readonly kind: "chain";
      readonly file: string;
      readonly proofs: readonly Uint8Array[];
    };

export interface WorkerReply {
  readonly id: number;
  readonly verdict: SegmentVerdict | ChainVerdict;
  readonly ms: number;
}
