import process from "node:process";
import { type ChainVerdict, verifyChain } from "../segment/verify.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import { checkNames, readSession, type StoredSession } from "../session/store.ts";
import { parseVerify } from "./options.ts";

/** `starkstream verify`: 0 if the session is valid, 1 if it is rejected. */
export async function verify(args: readonly string[]): Promise<number> {
  const { directory, modelId, json } = parseVerify(args);
  const stored = await readSession(nodeFileSystem, directory);
  const start = performance.now();
  const verdict = judge(stored, modelId);
  const verifyMs = Math.round(performance.now() - start);
  const lines = json
    ? [JSON.stringify({ type: "verdict", ...verdict, verifyMs })]
    : describe(verdict, stored, verifyMs);
  if (verdict.ok && !json && modelId === undefined)
    lines.push("the model id is the session's own word; pin it with --model-id");
  process.stdout.write(`${lines.join("\n")}\n`);
  return verdict.ok ? 0 : 1;
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

function describe(verdict: ChainVerdict, stored: StoredSession, verifyMs: number): string[] {
  if (!verdict.ok) {
    const where = verdict.segment === null ? "session" : `segment ${verdict.segment}`;
    return [`rejected: ${where}: ${verdict.check}: ${verdict.detail}`];
  }
  const { segments, promptLength, tokens } = verdict;
  const generated = Math.max(0, tokens.length - promptLength);
  const lines = [
    `valid: ${segments} segment${segments === 1 ? "" : "s"}, ${promptLength} prompt and ${generated} generated tokens, verified in ${verifyMs} ms`,
    `model id ${verdict.modelId}`,
  ];
  if (stored.segments === null) lines.push("the run did not finish: this is the part that was proven");
  return lines;
}
