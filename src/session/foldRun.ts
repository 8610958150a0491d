import { foldId } from "../fold/foldKey.ts";
import { decodeFoldProof } from "../fold/format.ts";
import { finalSecurity } from "../fold/security.ts";
import { verifyFinal } from "../fold/verify.ts";
import { type Session, termsOf } from "../segment/statement.ts";
import { FOLD_PROFILE, type Profile } from "../whir/profile.ts";
import { ChainReader } from "./chainReader.ts";
import type { FoldRunEvent } from "./events.ts";
import { eventStream } from "./eventStream.ts";
import { hexOfWords } from "./hex.ts";
import { openInlineFold } from "./inlineFold.ts";
import { messageOf } from "./inputError.ts";
import type { OpenFold, SessionFold } from "./sessionFold.ts";
import { openWorkerFold } from "./workerFold.ts";

/** What to fold, and how. */
export interface FoldOptions {
  /** Of the run. */
  readonly session: Session;
  /**
   * The run's segment proofs, in order, as they come: closed when the run is over. Where they wait meanwhile,
   * and how many of them, is up to the stream; as many as a step has places are taken when the one before is made.
   */
  readonly segments: ReadableStream<Uint8Array>;
  /** Proofs of steps made before, in any order. The one that goes farthest is continued; what does not verify is left out. */
  readonly steps?: readonly Uint8Array[];
  /** Of the steps' proofs; the default profile if left out. */
  readonly profile?: Profile;
  /** Segments that a step joins, 1 to 4: more make it larger, and each of them cheaper. 1 if left out. */
  readonly places?: number;
  /** Folds in this thread, as it happens anyway where there are no workers. */
  readonly inline?: boolean;
  /** Another prover, for tests. */
  readonly openFold?: OpenFold;
}

/**
 * Folds the segments of a run, step by step, into one proof of the whole run: beside the run, in a thread that
 * yields to decode and to segment proofs, or after it. The stream is pulled: a step is made when it is asked
 * for. Cancelling it ends the prover and cancels `segments`. It fails with the first error, after the events of
 * all steps before it.
 *
 * @example
 * ```ts
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
 * const segments = writable.getWriter();
 * // in the run: void segments.write(proof), … and segments.close()
 * for await (const event of foldRun({ session, segments: readable })) {
 *   if (event.type === "fold") console.log(event.index, event.proof.length);
 *   if (event.type === "final") console.log(event.foldId, event.proof.length);
 * }
 * ```
 */
export function foldRun(options: FoldOptions): ReadableStream<FoldRunEvent> {
  const segments = new ChainReader(options.session, options.segments);
  return eventStream((signal) => {
    signal.addEventListener("abort", () => void segments.cancel());
    return foldEvents(options, segments, signal);
  });
}

async function* foldEvents(
  options: FoldOptions,
  segments: ChainReader,
  signal: AbortSignal,
): AsyncGenerator<FoldRunEvent, void, void> {
  const { session, steps = [], profile = FOLD_PROFILE, places = 1 } = options;
  let foldMs = 0;
  const timed = async <Result>(work: () => Result | Promise<Result>) => {
    const start = performance.now();
    const result = await work();
    const ms = performance.now() - start;
    foldMs += ms;
    return { result, ms };
  };
  let fold: SessionFold | undefined;
  try {
    fold = (await timed(() => open(options, profile, places))).result;
    if (signal.aborted) return;
    signal.addEventListener("abort", fold.close); // ends the step that is waited for
    const { key } = fold;
    const id = hexOfWords(foldId(session, profile, key));
    yield { type: "folding", foldId: id, key };

    const verify = (bytes: Uint8Array) =>
      verifyFinal({ session, profile, key, tokens: segments.tokens }, bytes);
    const { waiting, ...made } = await takeUp(steps, segments, (bytes) => verify(bytes).ok);
    let { proof, folded } = made;
    for (;;) {
      const joined = waiting.splice(0, places);
      while (joined.length < places) {
        const segment = await segments.next();
        if (!segment) break;
        joined.push(segment);
      }
      if (joined.length === 0) break;
      folded += joined.length;
      const index = folded - 1;
      const step = () => (fold as SessionFold).step(termsOf(session), joined, proof);
      const { result, ms } = await timed(() => stepNamed(step, index));
      proof = result;
      yield { type: "fold", level: folded, index, proofBytes: proof.length, foldMs: ms, proof };
    }
    if (!proof) throw new Error("segments: expected at least one, found none");
    const last = proof;
    const { result: verdict } = await timed(() => verify(last));
    if (!verdict.ok) throw new Error(`final proof: ${verdict.check}: ${verdict.detail}`);
    yield {
      type: "final",
      proofBytes: last.length,
      foldMs,
      segments: folded,
      tokens: verdict.tokens.length,
      ...finalSecurity(session, profile, key.sizes, folded),
      foldId: id,
      key,
      consumed: segments.tokens,
      proof: last,
    };
  } finally {
    fold?.close();
    await segments.cancel();
  }
}

/**
 * Reads segments as far as the steps made before may reach: the farthest of these that verifies, and the
 * segments behind it.
 */
async function takeUp(
  steps: readonly Uint8Array[],
  segments: ChainReader,
  isStep: (bytes: Uint8Array) => boolean,
): Promise<{ proof: Uint8Array | null; folded: number; waiting: Uint8Array[] }> {
  const ends = steps.map((bytes) => {
    const step = decodeFoldProof(bytes);
    return "detail" in step ? 0 : step.last.position;
  });
  let proof: Uint8Array | null = null;
  let waiting: Uint8Array[] = [];
  while (segments.tokens.length < Math.max(0, ...ends)) {
    const segment = await segments.next();
    if (!segment) break;
    waiting.push(segment);
    const step = steps.find((bytes, k) => ends[k] === segments.tokens.length && isStep(bytes));
    if (!step) continue;
    proof = step;
    waiting = [];
  }
  return { proof, folded: segments.count - waiting.length, waiting };
}

function open(
  { session, inline, openFold }: FoldOptions,
  profile: Profile,
  places: number,
): Promise<SessionFold> {
  const isInline = inline ?? typeof Worker === "undefined";
  return (openFold ?? (isInline ? openInlineFold : openWorkerFold))(session, profile, places);
}

async function stepNamed(step: () => Promise<Uint8Array>, index: number): Promise<Uint8Array> {
  try {
    return await step();
  } catch (error) {
    throw new Error(`fold ${index}: the prover failed: ${messageOf(error)}`, { cause: error });
  }
}
