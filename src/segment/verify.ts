import { runVerifier } from "../hash/nativeChannel.ts";
import type { Verdict } from "../hash/verdict.ts";
import { boundaryDigest, genesis, modelId } from "./boundary.ts";
import { checkSession } from "./checkSession.ts";
import { checkStatement } from "./checkStatement.ts";
import { decodeSegmentProof } from "./format.ts";
import { type SegmentProtocol, segmentProtocol } from "./protocol.ts";
import type { Boundary, SegmentStatement, Session } from "./statement.ts";
import { verifySegmentProof } from "./verifySegmentProof.ts";

/*
 * The verifier's entry point: imports no prover, no kernels, no model runtime and no runtime globals, so
 * it runs in a browser, and in Deno without permissions.
 */

/** An accepted segment's statement, or the check that failed. */
export type SegmentVerdict =
  | { readonly ok: true; readonly statement: SegmentStatement }
  | { readonly ok: false; readonly check: string; readonly detail: string };

/** An accepted run, or the segment (null: the session itself) and the check that failed. */
export type ChainVerdict =
  | {
      readonly ok: true;
      readonly modelId: string;
      /** Every token consumed, prompt first, and the last choice. */
      readonly tokens: readonly number[];
      readonly promptLength: number;
      readonly segments: number;
    }
  | { readonly ok: false; readonly segment: number | null; readonly check: string; readonly detail: string };

/** The session's model id as 64 hexadecimal digits (the words' bytes, little-endian). */
export function modelIdOf(session: Pick<Session, "profile" | "description" | "fixed" | "sampler">): string {
  return [...new Uint8Array(modelId(session).buffer)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Verifies one segment proof. Whatever the bytes are, it returns a verdict.
 *
 * @param incoming the boundary that the segment must start from, if the caller knows it
 */
export function verifySegment(session: Session, bytes: Uint8Array, incoming?: Boundary): SegmentVerdict {
  const protocol = protocolOf(session);
  return "detail" in protocol ? { ok: false, ...protocol } : verifyWith(session, protocol, bytes, incoming);
}

/**
 * Verifies a run: the first boundary is genesis, each segment starts where the one before ended, every
 * proof holds. `expectedModelId` pins the model; without it the verdict only says which model it was.
 *
 * @example
 * ```ts
 * const verdict = verifyChain(session, proofs, modelId);
 * if (!verdict.ok) console.error(`segment ${verdict.segment}: ${verdict.check}: ${verdict.detail}`);
 * ```
 */
export function verifyChain(
  session: Session,
  proofs: readonly Uint8Array[],
  expectedModelId?: string,
): ChainVerdict {
  const refuse = (segment: number | null, check: string, detail: string): ChainVerdict => ({
    ok: false,
    segment,
    check,
    detail,
  });
  const protocol = protocolOf(session);
  if ("detail" in protocol) return refuse(null, protocol.check, protocol.detail);
  const id = modelIdOf(session);
  if (expectedModelId !== undefined && expectedModelId.toLowerCase() !== id)
    return refuse(null, "model id", `expected ${expectedModelId}, found ${id}`);
  if (proofs.length === 0) return refuse(null, "segments", "expected at least one segment, found none");
  let boundary = genesis(protocol);
  const tokens: number[] = [];
  for (const [index, bytes] of proofs.entries()) {
    const verdict = verifyWith(session, protocol, bytes, boundary);
    if (!verdict.ok) return refuse(index, verdict.check, verdict.detail);
    tokens.push(...verdict.statement.tokens);
    boundary = verdict.statement.boundaryOut;
  }
  if (boundary.position >= session.promptLength) tokens.push(boundary.pendingToken);
  return { ok: true, modelId: id, tokens, promptLength: session.promptLength, segments: proofs.length };
}

function protocolOf(session: Session): SegmentProtocol | { check: string; detail: string } {
  try {
    checkSession(session);
    return segmentProtocol(session.profile, session.description, session.logSegment, session.sampler);
  } catch (error) {
    return { check: "session", detail: (error as Error).message };
  }
}

function verifyWith(
  session: Session,
  protocol: SegmentProtocol,
  bytes: Uint8Array,
  incoming?: Boundary,
): SegmentVerdict {
  const proof = decodeSegmentProof(bytes, 2 ** session.logSegment);
  if ("detail" in proof) return { ok: false, check: "proof format", detail: proof.detail };
  const { statement } = proof;
  const problem = checkStatement(session, statement);
  if (problem) return { ok: false, ...problem };
  // Position 0 has one boundary, which needs no one's word.
  const expected = incoming ?? (statement.boundaryIn.position === 0 ? genesis(protocol) : null);
  if (expected && !sameBoundary(session, expected, statement.boundaryIn))
    return {
      ok: false,
      check: "incoming boundary",
      detail: "expected the boundary that came before, found another",
    };
  const verdict: Verdict = runVerifier(proof.body, (channel) =>
    verifySegmentProof(channel, session, protocol, statement),
  );
  return verdict.ok ? { ok: true, statement } : verdict;
}

function sameBoundary(session: Session, a: Boundary, b: Boundary): boolean {
  const id = modelId(session);
  const digest = boundaryDigest(session, id, b);
  return boundaryDigest(session, id, a).every((word, k) => word === digest[k]);
}
