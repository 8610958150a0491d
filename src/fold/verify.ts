import { P } from "../field/m31.ts";
import type { Verdict } from "../hash/verdict.ts";
import { boundaryDigest, extendTokenDigest, genesis, modelId } from "../segment/boundary.ts";
import { checkCommitment, checkProfile, checkSession, expectInteger } from "../segment/checkSession.ts";
import { NO_TOKEN, type Session } from "../segment/statement.ts";
import type { Profile } from "../whir/profile.ts";
import type { FoldKey } from "./foldKey.ts";
import { decodeFoldProof, type FoldProof } from "./format.ts";
import { LOG_STEP_INPUTS, stepInputs } from "./stepInputs.ts";
import { MAX_PLACES, type StepProtocol, stepProtocol } from "./stepProtocol.ts";
import { verifyCircuitProof } from "./verifyCircuitProof.ts";

/*
 * The final proof's verifier: like the segment verifier it imports no prover, no kernels, no model runtime
 * and no runtime globals.
 */

/** What a final proof is verified against. `key` is recomputed, never taken from who brings the proof. */
export interface FinalStatement {
  /** Of the run. */
  readonly session: Session;
  /** Of the steps' proofs. */
  readonly profile: Profile;
  /** Of the folding circuit. */
  readonly key: FoldKey;
  /** Every token consumed, the prompt's first. */
  readonly tokens: readonly number[];
}

/** An accepted run, or the check that failed. */
export type FinalVerdict =
  | { readonly ok: true; readonly tokens: readonly number[] }
  | { readonly ok: false; readonly check: string; readonly detail: string };

/**
 * Verifies a whole run by its final proof alone: the run starts at genesis, follows the rule on these tokens,
 * and the proof's pending token, if there is one, is the model's next choice; it is appended to the tokens.
 * Whatever the bytes are, it returns a verdict.
 */
export function verifyFinal(statement: FinalStatement, bytes: Uint8Array): FinalVerdict {
  const proof = decodeFoldProof(bytes);
  if ("detail" in proof) return { ok: false, check: "final proof format", detail: proof.detail };
  let protocol: StepProtocol;
  try {
    checkSession(statement.session);
    checkProfile(statement.profile);
    checkKey(statement.key);
    protocol = stepProtocol(statement.session, statement.profile, statement.key);
  } catch (error) {
    return { ok: false, check: "session", detail: (error as Error).message };
  }
  const verdict = verifyFinalWith(protocol, statement, proof);
  if (!verdict.ok) return verdict;
  const { pendingToken } = proof.last;
  const { tokens } = statement;
  return { ok: true, tokens: pendingToken === NO_TOKEN ? tokens : [...tokens, pendingToken] };
}

/** Tables of more rows would not fit a code's domain; blocks of hashes come in few sizes. */
const MAX_LOG_ROWS = 28;
const MAX_HASH_BLOCKS = 16;

/** Throws unless the key's numbers are integers in their ranges, so that equal fold ids mean equal keys. */
function checkKey({ places, name, sizes }: FoldKey): void {
  checkCommitment("key", name);
  expectInteger("places", places, 1, MAX_PLACES);
  const { logOps, logLifts, logBits, logCells, logInputs, hashes } = sizes;
  expectInteger("logInputs", logInputs, LOG_STEP_INPUTS, LOG_STEP_INPUTS);
  expectInteger("blocks of hashes", hashes.length, 1, MAX_HASH_BLOCKS);
  const logs = { logOps, logLifts, logBits, logCells };
  for (const [what, log] of Object.entries(logs)) expectInteger(what, log, 1, MAX_LOG_ROWS);
  for (const { log, extended } of hashes) {
    expectInteger("log of a block of hashes", log, 0, MAX_LOG_ROWS);
    if (typeof extended !== "boolean")
      throw new Error(`expected extended to be true or false, found ${String(extended)}`);
  }
}

/**
 * The same with a protocol made before.
 *
 * @internal
 */
export function verifyFinalWith(
  protocol: StepProtocol,
  { session, key, tokens }: FinalStatement,
  { last, body }: FoldProof,
): Verdict {
  const { capacity, vocab } = session.description.config;
  const { promptLength } = session;
  const refuse = (check: string, expected: string, found: unknown): Verdict => ({
    ok: false,
    check: `final/${check}`,
    detail: `expected ${expected}, found ${found}`,
  });
  if (!Number.isInteger(promptLength) || promptLength < 1 || promptLength > capacity)
    return refuse("prompt", `a prompt of 1 to ${capacity} tokens`, promptLength);
  if (tokens.length < 1 || tokens.length > capacity)
    return refuse("tokens", `1 to ${capacity} tokens`, tokens.length);
  const foreign = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocab);
  if (foreign !== undefined) return refuse("tokens", `tokens below ${vocab}`, foreign);
  if (last.position !== tokens.length) return refuse("position", `${tokens.length}`, last.position);
  const isToken = last.position >= promptLength;
  if (isToken ? last.pendingToken >= vocab : last.pendingToken !== NO_TOKEN)
    return refuse("pending token", isToken ? `a token below ${vocab}` : "none", last.pendingToken);
  if (last.context.value.some((coordinate) => coordinate >= P))
    return refuse("context value", `coordinates below ${P}`, last.context.value);

  const first = genesis(protocol.segment);
  let digest = first.tokenDigest;
  const rows = 2 ** session.logSegment;
  for (let at = 0; at < tokens.length; at += rows)
    digest = extendTokenDigest(session, digest, tokens.slice(at, at + rows));
  if (digest.some((word, k) => word !== last.tokenDigest[k]))
    return refuse("token digest", "the digest of the tokens", "another");

  const id = modelId(session);
  const inputs = stepInputs({
    key: key.name,
    first: boundaryDigest(session, id, first),
    last: boundaryDigest(session, id, last),
  });
  return verifyCircuitProof(protocol.circuit, key.name, inputs, body);
}
