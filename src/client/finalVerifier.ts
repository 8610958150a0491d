import { foldId } from "../fold/foldKey.ts";
import type { FinalStatement, FinalVerdict } from "../fold/verify.ts";
import { consumedTokens } from "../session/consumedTokens.ts";
import type { FoldFile } from "../session/foldFile.ts";
import { hexOfWords } from "../session/hex.ts";
import type { ChainVerifier } from "./chainVerifier.ts";
import { ProofError } from "./clientError.ts";

/** `verifyFinal`, or the same in a worker. */
export type VerifyFinal = (
  statement: FinalStatement,
  proof: Uint8Array,
) => FinalVerdict | Promise<FinalVerdict>;

/**
 * Verifies a run's final proof, and that it says what the run's segments, verified before, have said.
 *
 * @throws ProofError
 */
export async function verifyFinalOf(
  { session, tokens }: ChainVerifier,
  { profile, key, tokens: stated, foldId: named }: FoldFile,
  proof: Uint8Array,
  verify: VerifyFinal,
  expectedFoldId?: string,
): Promise<void> {
  const refuse = (check: string, detail: string) => new ProofError(null, check, detail);
  const consumed = consumedTokens(tokens, session.promptLength);
  if (stated.length !== consumed.length || stated.some((token, k) => token !== consumed[k]))
    throw refuse("final tokens", "expected the tokens that the segments prove, found others");
  const verdict = await verify({ session, profile, key, tokens: consumed }, proof);
  if (!verdict.ok) throw refuse(verdict.check, verdict.detail);
  if (verdict.tokens.length !== tokens.length || verdict.tokens.at(-1) !== tokens.at(-1))
    throw refuse("final tokens", "expected the last choice that the segments prove, found another");
  // only now: a key that is none has no id
  const found = hexOfWords(foldId(session, profile, key));
  const expected = expectedFoldId?.toLowerCase() ?? named;
  if (found !== expected) throw refuse("fold id", `expected ${expected}, found ${found}`);
}
