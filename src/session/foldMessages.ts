import type { FoldKey } from "../fold/foldKey.ts";
import type { ModelSession, RunTerms } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";

/** To the thread that folds. Each is answered once, in order. */
export type FoldRequest =
  | {
      readonly kind: "create";
      readonly session: ModelSession;
      readonly profile: Profile;
      readonly places: number;
    }
  | {
      readonly kind: "step";
      readonly terms: RunTerms;
      readonly segments: readonly Uint8Array[];
      readonly previous: Uint8Array | null;
    };

/** From the thread that folds; or a `FailedReply`. */
export type FoldReply =
  | { readonly kind: "created"; readonly key: FoldKey }
  | { readonly kind: "folded"; readonly proof: Uint8Array };
