/**
 * A page that verifies and does nothing else: no server, no weights. `bun examples/verifyPage/index.html`
 * serves it; `bun build examples/verifyPage/index.html --outdir site` makes files for any web server.
 */
import { verifyFinal } from "../../src/fold/verify.ts";
import { verifyChain } from "../../src/segment/verify.ts";
import { parseFold } from "../../src/session/foldFile.ts";
import { parseSession } from "../../src/session/sessionFile.ts";

const input = document.getElementById("files") as HTMLInputElement;
const verdicts = document.getElementById("verdicts") as HTMLElement;

input.addEventListener("change", async () => {
  verdicts.replaceChildren();
  const files = new Map([...(input.files ?? [])].map((file) => [file.name, file]));
  const text = async (name: string) => {
    const file = files.get(name);
    if (!file) throw new Error(`expected ${name} among the files, found none`);
    return await file.text();
  };
  const bytes = async (name: string) => new Uint8Array((await files.get(name)?.arrayBuffer()) ?? 0);
  try {
    const { session, modelId } = parseSession(await text("session.json"));
    say(`model id ${modelId}`);
    const names = [...files.keys()].filter((name) => /^segment-\d{4}\.proof$/.test(name)).sort();
    if (names.length > 0) {
      const verdict = verifyChain(session, await Promise.all(names.map(bytes)), modelId);
      say(
        verdict.ok
          ? `valid: ${verdict.segments} segments, ${verdict.tokens.length} tokens`
          : rejected(verdict),
      );
    }
    if (!files.has("final.proof")) return;
    const { foldId, profile, key, tokens } = parseFold(await text("fold.json"));
    const verdict = verifyFinal({ session, profile, key, tokens }, await bytes("final.proof"));
    say(
      verdict.ok
        ? `valid: final proof, ${verdict.tokens.length} tokens, fold id ${foldId}`
        : rejected(verdict),
    );
  } catch (error) {
    say(`no session: ${(error as Error).message}`);
  }
});

function rejected({ check, detail }: { readonly check: string; readonly detail: string }): string {
  return `rejected: ${check}: ${detail}`;
}

function say(text: string): void {
  const item = document.createElement("li");
  item.textContent = text;
  verdicts.append(item);
}
