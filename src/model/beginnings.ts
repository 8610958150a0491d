import type { Tokenizer } from "./tokenizer.ts";

/** Texts of several kinds; few words, as what the model writes next is what counts. */
const TEXTS = ["Once upon a time", "The history of", "import numpy as np", "In this paper, we"];
/** What a user may ask of a model that talks. */
const REQUESTS = [
  "Tell me a short story.",
  "Explain why the sky is blue.",
  "Write a Python function that adds two numbers.",
  "List three ways to save energy at home.",
];

/** What a model's own texts may begin with: BOS, and of a model that talks also requests and words, in turns. */
export function beginningsOf(tokenizer: Tokenizer): number[][] {
  const texts = TEXTS.flatMap((text, i) => [asRequest(tokenizer, REQUESTS[i]!), text]);
  return [[tokenizer.bos], ...(tokenizer.chat ? texts.map((text) => tokenizer.encode(text)) : [])];
}

/** A text as a user's, in the chat template; the text itself where there is none. */
export function asRequest({ chat }: Tokenizer, content: string): string {
  return chat ? chat([{ role: "user", content }]) : content;
}
