/**
 * Run by Deno from another directory: proves a short run in this thread and in a worker, verifies it,
 * and sees a changed proof rejected. Prints one line per check, and last the session as JSON for
 * `verifyOnly.ts`.
 */
import { modelIdOf, runSession, type Session, verifyChain } from "../../mod.ts";
import { formatSession } from "../../src/session/sessionFile.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { decodeSegments } from "../segment/tinyRun.ts";
import { tinyTokenizer } from "../session/tinyTokenizer.ts";
import vectors from "../vectors/segment.json" with { type: "json" };

function check(name: string, ok: boolean, detail?: unknown): void {
  console.error(`${ok ? "ok" : "FAILED"} ${name}${ok ? "" : `: ${JSON.stringify(detail)}`}`);
  if (!ok) throw new Error(name);
}

async function prove(inline: boolean): Promise<{ session: Session; proofs: Uint8Array[]; tokens: number[] }> {
  const options = {
    model: tinyModel(),
    tokenizer: tinyTokenizer(),
    prompt: "abc",
    tokens: 3,
    segment: 4,
    inline,
  };
  let session: Session | undefined;
  const proofs: Uint8Array[] = [];
  const tokens: number[] = [];
  for await (const event of runSession(options)) {
    if (event.type === "start") session = event.session;
    if (event.type === "start") tokens.push(...event.promptTokens);
    if (event.type === "token") tokens.push(event.id);
    if (event.type === "segment") proofs.push(event.proof);
  }
  if (!session) throw new Error("expected a start event, found none");
  return { session, proofs, tokens };
}

const { session, proofs, tokens } = await prove(true);
const verdict = verifyChain(session, proofs, modelIdOf(session));
check("the chain verifies", verdict.ok, verdict);
if (verdict.ok) check("its tokens are the run's", `${verdict.tokens}` === `${tokens}`, verdict.tokens);

const changed = proofs.map((proof) => proof.slice());
const last = changed.at(-1) as Uint8Array;
last[last.length - 5] = (last[last.length - 5] as number) ^ 1;
const rejected = verifyChain(session, changed);
check("a changed proof is rejected", !rejected.ok && rejected.segment === proofs.length - 1, rejected);

const { sampler, tokens: drawn } = vectors.sampled;
const sampled = decodeSegments(tinyModel(), 2, drawn.slice(0, 3), drawn.length, sampler);
check("the same seed draws the same text", `${sampled.flatMap((rows) => rows.tokens)}` === `${drawn}`, drawn);

const threaded = await prove(false);
const same = threaded.proofs.every((proof, i) => proof.every((byte, k) => byte === proofs[i]?.[k]));
check("a worker makes the same proofs", same && threaded.proofs.length === proofs.length);

const text = formatSession({ session, modelId: modelIdOf(session), segments: proofs.length });
console.log(JSON.stringify({ session: JSON.parse(text), proofs: proofs.map((proof) => [...proof]) }));
