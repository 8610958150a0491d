import process from "node:process";
import { type ChainVerdict, verifyChain } from "../segment/verify.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { consumedTokens } from "../session/consumedTokens.ts";
import type { SessionFile } from "../session/sessionFile.ts";
import { hasFinal, readFold, type StoredFold } from "../session/foldStore.ts";
import type { SamplingRequest } from "../session/planSession.ts";
import { checkNames, readSession, readSessionFile, type StoredSession } from "../session/store.ts";
import { type FinalVerdict, judgeFinal } from "./judgeFinal.ts";
import { parseVerify, type VerifyOptions } from "./options.ts";
import { samplerLine } from "./samplerLine.ts";

/** `starkstream verify`: 0 if the session is valid, 1 if it is rejected. */
export async function verify(args: readonly string[]): Promise<number> {
  const options = parseVerify(args);
  return await (options.finalOnly ? verifyFinalOnly(options) : verifyAll(options));
}

/** The final proof alone. */
async function verifyFinalOnly(options: VerifyOptions): Promise<number> {
  const file = await readSessionFile(nodeFileSystem, options.directory);
  const stored = await readFold(nodeFileSystem, options.directory);
  const start = performance.now();
  const verdict = samplerProblem(file, options) ?? judgeFinal(file, stored, options, stored.tokens);
  const verifyMs = Math.round(performance.now() - start);
  const lines = verdict.ok
    ? [
        `valid: ${ofFinal(verdict)}, verified in ${verifyMs} ms`,
        ...ids(file, verdict.modelId, verdict.foldId),
      ]
    : [rejection(verdict)];
  return answer(options, file, verdict, verifyMs, lines);
}

/** The segments, and the final proof if there is one. */
async function verifyAll(options: VerifyOptions): Promise<number> {
  const { directory, modelId, foldId } = options;
  const stored = await readSession(nodeFileSystem, directory);
  const isFolded = foldId !== undefined || (await hasFinal(nodeFileSystem, directory));
  const fold = isFolded ? await readFold(nodeFileSystem, directory) : undefined;
  const start = performance.now();
  const chain = samplerProblem(stored, options) ?? judge(stored, modelId);
  const final = chain.ok && fold ? finalOf(stored, fold, options, chain) : undefined;
  const verifyMs = Math.round(performance.now() - start);
  if (!chain.ok) return answer(options, stored, chain, verifyMs, [rejection(chain)]);
  if (final && !final.ok) return answer(options, stored, final, verifyMs, [rejection(final)]);
  const lines = [
    `valid: ${ofChain(chain)}${final ? `, and ${ofFinal(final)}` : ""}, verified in ${verifyMs} ms`,
    ...ids(stored, chain.modelId, final?.foldId),
  ];
  if (stored.segments === null) lines.push("the run did not finish: this is the part that was proven");
  const verdict = final ? { ...chain, foldId: final.foldId } : chain;
  return answer(options, stored, verdict, verifyMs, lines);
}

/** The chain's verdict, and whether the files are what they say they are. */
function judge(stored: StoredSession, pinned: string | undefined): ChainVerdict {
  const names = checkNames(stored);
  if (names) return { ok: false, check: "files", ...names };
  const verdict = verifyChain(stored.session, stored.proofs, pinned);
  if (verdict.ok && verdict.modelId !== stored.modelId)
    return {
      ok: false,
      segment: null,
      check: "model id in session.json",
      detail: `expected ${verdict.modelId}, found ${stored.modelId}`,
    };
  return verdict;
}

/** The final proof must be of the very tokens that the segments prove. */
function finalOf(
  stored: StoredSession,
  fold: StoredFold,
  options: VerifyOptions,
  chain: ChainVerdict & { readonly ok: true },
): FinalVerdict {
  const tokens = consumedTokens(chain.tokens, chain.promptLength);
  const isSame = tokens.length === fold.tokens.length && tokens.every((token, k) => token === fold.tokens[k]);
  if (!isSame)
    return {
      ok: false,
      segment: null,
      check: "tokens in fold.json",
      detail: `expected the ${tokens.length} tokens of the segments, found others`,
    };
  return judgeFinal(stored, fold, options, tokens);
}

function rejection({ segment, check, detail }: { segment: number | null; check: string; detail: string }) {
  return `rejected: ${segment === null ? "session" : `segment ${segment}`}: ${check}: ${detail}`;
}

function ofChain({ segments, promptLength, tokens }: ChainVerdict & { readonly ok: true }): string {
  const generated = Math.max(0, tokens.length - promptLength);
  return `${segments} segment${segments === 1 ? "" : "s"}, ${promptLength} prompt and ${generated} generated tokens`;
}

function ofFinal({ tokens, promptLength }: FinalVerdict & { readonly ok: true }): string {
  const generated = Math.max(0, tokens.length - promptLength);
  return `a final proof of ${tokens.length - generated} prompt and ${generated} generated tokens`;
}

function ids({ session }: SessionFile, modelId: string, foldId: string | undefined): string[] {
  return [
    `model id ${modelId}`,
    ...(foldId === undefined ? [] : [`fold id  ${foldId}`]),
    ...(session.sampler ? [`sampler  ${samplerLine(session.sampler)}`] : []),
  ];
}

/** Whether the session's sampler is not the one asked for; the proofs are not looked at. */
function samplerProblem({ session: { sampler } }: SessionFile, { sampler: pins }: VerifyOptions) {
  const wrong = Object.entries(pins).find(
    ([name, wanted]) => wanted !== undefined && wanted !== sampler?.[name as keyof SamplingRequest],
  );
  if (!wrong) return undefined;
  const found = sampler ? samplerLine(sampler) : "greedy choice";
  const detail = `expected ${wrong.join(" ")}, found ${found}`;
  return { ok: false, segment: null, check: "sampler", detail } as const;
}

function answer(
  { json, modelId, foldId, sampler: pins }: VerifyOptions,
  { session: { sampler } }: SessionFile,
  verdict: ChainVerdict | FinalVerdict,
  verifyMs: number,
  lines: string[],
): number {
  if (verdict.ok && modelId === undefined && foldId === undefined)
    lines.push("the model id is the session's own word; pin it with --model-id");
  if (verdict.ok && sampler && Object.values(pins).some((pin) => pin === undefined))
    lines.push("the sampler is the session's own word; pin it with --temperature, --min-p and --seed");
  if (verdict.ok && "foldId" in verdict && foldId === undefined)
    lines.push("the fold id is the session's own word, and the final proof no better; pin it with --fold-id");
  const text = json
    ? [JSON.stringify({ type: "verdict", ...verdict, ...(verdict.ok && { sampler }), verifyMs })]
    : lines;
  process.stdout.write(`${text.join("\n")}\n`);
  return verdict.ok ? 0 : 1;
}
