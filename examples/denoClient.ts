/**
 * Reads from a server and verifies what it reads, under Deno, with no permission but the network:
 * `deno run --allow-net examples/denoClient.ts ws://127.0.0.1:8080/ws "Once upon a time" 24`.
 * The same works under Bun and in a browser.
 */
import { ClientSession } from "../src/client/mod.ts";

declare const Deno: { readonly args: readonly string[] };
const [url = "ws://127.0.0.1:8080/ws", prompt = "Once upon a time", tokens = "24"] = Deno.args;

const session = new ClientSession(url, { prompt, maxTokens: Number(tokens), segment: 16 });
for await (const event of session) {
  if (event.type === "started") console.log(`model id ${event.modelId}`);
  if (event.type === "segment")
    console.log(
      `segment ${event.index}: verified in ${event.verifyMs.toFixed(0)} ms, ends at ${event.boundaryOut}`,
    );
  if (event.type === "reconnecting") console.log(`connection lost: ${event.reason}`);
}
const proven = session.tokens.filter(({ state }) => state === "proven");
console.log(`${proven.length} tokens proven: ${prompt}${proven.map(({ text }) => text).join("")}`);
