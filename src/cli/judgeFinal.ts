import { foldId } from "../fold/foldKey.ts";
import { verifyFinal } from "../fold/verify.ts";
import { modelIdOf } from "../segment/verify.ts";
import type { StoredFold } from "../session/foldStore.ts";
import { hexOfWords } from "../session/hex.ts";
import type { SessionFile } from "../session/sessionFile.ts";

/** A verified final proof, or the check that failed; `segment` is for the form of a chain's verdict. */
export type FinalVerdict =
  | {
      readonly ok: true;
      readonly modelId: string;
      /** Digest of model, fold parameters and circuit. */
      readonly foldId: string;
      /** Every token consumed, prompt first, and the last choice. */
      readonly tokens: readonly number[];
      readonly promptLength: number;
    }
  | { readonly ok: false; readonly segment: null; readonly check: string; readonly detail: string };

/** Verifies a stored final proof against tokens, and the ids that the files give. */
export function judgeFinal(
  { session, modelId }: SessionFile,
  { profile, key, proof, foldId: named }: StoredFold,
  pinned: { readonly modelId?: string; readonly foldId?: string },
  tokens: readonly number[],
): FinalVerdict {
  const refuse = (check: string, detail: string): FinalVerdict => ({
    ok: false,
    segment: null,
    check,
    detail,
  });
  const model = modelIdOf(session);
  const fold = hexOfWords(foldId(session, profile, key));
  const names = [
    ["model id", pinned.modelId, model],
    ["fold id", pinned.foldId, fold],
    ["model id in session.json", model, modelId],
    ["fold id in fold.json", fold, named],
  ] as const;
  for (const [check, wanted, found] of names)
    if (wanted !== undefined && wanted !== found) return refuse(check, `expected ${wanted}, found ${found}`);
  const verdict = verifyFinal({ session, profile, key, tokens }, proof);
  if (!verdict.ok) return refuse(verdict.check, verdict.detail);
  return {
    ok: true,
    modelId: model,
    foldId: fold,
    tokens: verdict.tokens,
    promptLength: session.promptLength,
  };
}
