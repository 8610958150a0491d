import { type FoldKey, foldId } from "../fold/foldKey.ts";
import { decodeFoldProof } from "../fold/format.ts";
import { foldSecurityReport } from "../fold/security.ts";
import { verifyFinal } from "../fold/verify.ts";
import { securityReport } from "../segment/security.ts";
import type { Session } from "../segment/statement.ts";
import { verifyChain } from "../segment/verify.ts";
import { DEFAULT_PROFILE, type Profile } from "../whir/profile.ts";
import { consumedTokens } from "./consumedTokens.ts";
import type { FoldRunEvent } from "./events.ts";
import { hexOfWords } from "./hex.ts";
import { openInlineFold } from "./inlineFold.ts";
import { messageOf } from "./inputError.ts";
import type { OpenFold, SessionFold } from "./sessionFold.ts";
import { openWorkerFold } from "./workerFold.ts";

export interface FoldOptions {
  readonly session: Session;
  /** All segment proofs of the run, in order. */
  readonly proofs: readonly Uint8Array[];
  /** Proofs of steps made before, in any order. The one that goes farthest is continued; what does not verify is left out. */
  readonly steps?: readonly Uint8Array[];
  /** Of the steps' proofs; the default profile if left out. */
  readonly profile?: Profile;
  /** Folds in this thread, as it happens anyway where there are no workers. */
  readonly inline?: boolean;
  /** Another prover, for tests. */
  readonly openFold?: OpenFold;
}

/**
 * Folds the segments of a run, one step each, into one proof of the whole run. The stream is pulled: a step
 * is made when it is asked for; cancelling ends the prover. It fails if a segment does not verify.
 *
 * @example
 * ```ts
 * for await (const event of foldRun({ session, proofs })) {
 *   if (event.type === "folding") key = event.key;
 *   if (event.type === "final") console.log(event.proof.length, event.foldId);
 * }
 * ```
 */
export function foldRun(options: FoldOptions): ReadableStream<FoldRunEvent> {
  const lifetime = { closed: false } as Lifetime;
  const events = foldEvents(options, lifetime);
  return new ReadableStream<FoldRunEvent>(
    {
      async pull(controller) {
        const next = await events.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        lifetime.closed = true;
        lifetime.fold?.close(); // ends the step that is waited for
        await events.return().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** Lets `cancel` reach a prover that the generator waits for. */
interface Lifetime {
  fold?: SessionFold;
  closed: boolean;
}

async function* foldEvents(
  options: FoldOptions,
  lifetime: Lifetime,
): AsyncGenerator<FoldRunEvent, void, void> {
  const { session, proofs, steps = [], profile = DEFAULT_PROFILE } = options;
  const begun = performance.now();
  // a segment that does not verify is named here, before any work is done
  const chain = verifyChain(session, proofs);
  if (!chain.ok) {
    const where = chain.segment === null ? "session" : `segment ${chain.segment}`;
    throw new Error(`rejected: ${where}: ${chain.check}: ${chain.detail}`);
  }
  const tokens = consumedTokens(chain.tokens, session.promptLength);
  const ends = proofs.map((_, k) => Math.min(2 ** session.logSegment * (k + 1), tokens.length));

  const fold = await open(options, profile);
  lifetime.fold = fold;
  try {
    if (lifetime.closed) return;
    const { key } = fold;
    const id = hexOfWords(foldId(session, profile, key));
    const isStep = (bytes: Uint8Array, end: number) =>
      verifyFinal({ session, profile, key, tokens: tokens.slice(0, end) }, bytes).ok;
    let { folded, proof } = newestStep(steps, ends, isStep);
    yield { type: "folding", foldId: id, segments: proofs.length, folded, key, tokens };
    for (let index = folded; index < proofs.length; index++) {
      const start = performance.now();
      proof = await stepNamed(fold, proofs[index] as Uint8Array, proof, index);
      const foldMs = performance.now() - start;
      folded = index + 1;
      yield { type: "fold", index, segments: folded, proofBytes: proof.length, foldMs, proof };
    }
    const last = proof as Uint8Array;
    const verdict = verifyFinal({ session, profile, key, tokens }, last);
    if (!verdict.ok) throw new Error(`final proof: ${verdict.check}: ${verdict.detail}`);
    yield {
      type: "final",
      proofBytes: last.length,
      foldMs: performance.now() - begun,
      tokens: verdict.tokens.length,
      ...bitsOf(session, profile, key, proofs.length),
      foldId: id,
      proof: last,
    };
  } finally {
    fold.close();
  }
}

/** @param ends tokens consumed after each segment */
function newestStep(
  steps: readonly Uint8Array[],
  ends: readonly number[],
  isStep: (bytes: Uint8Array, end: number) => boolean,
): { folded: number; proof: Uint8Array | null } {
  const found = steps
    .map((bytes) => {
      const step = decodeFoldProof(bytes);
      const end = "detail" in step ? -1 : step.last.position;
      return { proof: bytes, end, folded: ends.indexOf(end) + 1 };
    })
    .filter(({ folded }) => folded > 0)
    .sort((a, b) => b.folded - a.folded)
    .find(({ proof, end }) => isStep(proof, end));
  return found ?? { folded: 0, proof: null };
}

/** The least bits of the proofs, and of the chain: n steps have the errors of 2n proofs. */
function bitsOf(session: Session, profile: Profile, { sizes }: FoldKey, segments: number) {
  const security = Math.min(securityReport(session).bits, foldSecurityReport(profile, sizes).bits);
  return { security, chainSecurity: security - Math.log2(2 * segments) };
}

function open({ session, inline, openFold }: FoldOptions, profile: Profile): Promise<SessionFold> {
  const isInline = inline ?? typeof Worker === "undefined";
  return (openFold ?? (isInline ? openInlineFold : openWorkerFold))(session, profile);
}

async function stepNamed(
  fold: SessionFold,
  segment: Uint8Array,
  previous: Uint8Array | null,
  index: number,
): Promise<Uint8Array> {
  try {
    return await fold.step(segment, previous);
  } catch (error) {
    throw new Error(`fold ${index}: the prover failed: ${messageOf(error)}`, { cause: error });
  }
}
