/**
 * Run by Deno with no permission at all: verifies what `smoke.ts` wrote, from standard input, with the
 * verifier's entry point and the reader of session.json.
 */
import { verifyChain } from "../../src/segment/verify.ts";
import { parseSession } from "../../src/session/sessionFile.ts";

declare const Deno: {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array<ArrayBuffer>> };
  readonly permissions: { query(of: { name: "read" }): Promise<{ readonly state: string }> };
};

const { session, proofs } = JSON.parse(await new Response(Deno.stdin.readable).text());
const file = parseSession(JSON.stringify(session));
const verdict = verifyChain(
  file.session,
  proofs.map((proof: number[]) => Uint8Array.from(proof)),
  file.modelId,
);
const read = await Deno.permissions.query({ name: "read" });
if (!verdict.ok) throw new Error(JSON.stringify(verdict));
if (read.state === "granted") throw new Error("expected no permission to read, found one");
console.error(`ok without permissions: ${verdict.segments} segments, ${verdict.tokens.length} tokens`);
