import type { Tokenizer } from "./tokenizer.ts";

/** What a user may ask of a model that talks; few words, as its answers are what counts. */
const REQUESTS = [
  "Tell me a short story.",
  "Explain why the sky is blue.",
  "Write a Python function that adds two numbers.",
  "List three ways to save energy at home.",
];

/** What a model's own texts may begin with: BOS, and requests in its chat template where it has one. */
export function beginningsOf(tokenizer: Tokenizer): number[][] {
  const requests = tokenizer.chat ? REQUESTS : [];
  return [[tokenizer.bos], ...requests.map((request) => tokenizer.encode(asRequest(tokenizer, request)))];
}

/** A text as a user's, in the chat template; the text itself where there is none. */
export function asRequest({ chat }: Tokenizer, content: string): string {
  return chat ? chat([{ role: "user", content }]) : content;
}
