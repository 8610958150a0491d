/**
 * The official client against a starkstream server, unchanged; the proofs are read beside the text:
 * `bun examples/openaiClient.ts http://127.0.0.1:8080/`.
 */
import OpenAI from "openai";
import { parseSession, verifyChain } from "../mod.ts";

const base = process.argv[2] ?? "http://127.0.0.1:8080/";
const client = new OpenAI({ baseURL: new URL("v1", base).href, apiKey: process.env.TOKEN ?? "none" });
const model = (await client.models.list()).data[0]?.id ?? "";

const stream = await client.completions.create({
  model,
  prompt: "Once upon a time",
  max_tokens: 24,
  stream: true,
});
const links: string[] = [];
let text = "";
for await (const chunk of stream) {
  text += chunk.choices[0]?.text ?? "";
  // what the type does not know: a chunk without choices that names a proof
  const { starkstream } = chunk as { starkstream?: { url: string } };
  if (starkstream) links.push(starkstream.url);
}
console.log(text);

const get = async (path: string) => {
  const response = await fetch(new URL(path, base), {
    headers: { authorization: `Bearer ${client.apiKey}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
};
const proofs = await Promise.all(
  links.map(async (link) => new Uint8Array(await (await get(link)).arrayBuffer())),
);
const first = links[0] as string;
const file = parseSession(await (await get(first.replace(/segments\/\d+$/, "session.json"))).text());
console.log(verifyChain(file.session, proofs, file.modelId));
