import type { Verdict } from "../hash/verdict.ts";
import { boundaryDigest, extendTokenDigest, genesis, modelId } from "../segment/boundary.ts";
import { type Boundary, type Commitment, NO_TOKEN, type Session } from "../segment/statement.ts";
import { stepInputs } from "./stepInputs.ts";
import type { StepProtocol } from "./stepProtocol.ts";
import { verifyCircuitProof } from "./verifyCircuitProof.ts";

/** What a final proof states: this run of the model, from genesis to `last`. */
export interface FinalStatement {
  readonly promptLength: number;
  /** Every token consumed, the prompt's first. */
  readonly tokens: readonly number[];
  readonly last: Boundary;
}

/**
 * Verifies a whole run by its last step alone. `key` is the circuit's name, which is recomputed from the
 * model's description and commitment like a model id, never taken from who brings the proof.
 */
export function verifyFinal(
  protocol: StepProtocol,
  key: Commitment,
  { promptLength, tokens, last }: FinalStatement,
  proof: Uint32Array,
): Verdict {
  const session: Session = { ...protocol.session, promptLength };
  const { capacity, vocab } = session.description.config;
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

  const first = genesis(protocol.segment);
  let digest = first.tokenDigest;
  const rows = 2 ** session.logSegment;
  for (let at = 0; at < tokens.length; at += rows)
    digest = extendTokenDigest(session, digest, tokens.slice(at, at + rows));
  if (digest.some((word, k) => word !== last.tokenDigest[k]))
    return refuse("token digest", "the digest of the tokens", "another");

  const id = modelId(session);
  const inputs = stepInputs({
    key,
    first: boundaryDigest(session, id, first),
    last: boundaryDigest(session, id, last),
  });
  return verifyCircuitProof(protocol.circuit, key, inputs, proof);
}
