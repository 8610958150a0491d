import type { Run } from "../run.ts";
import type { FinalInfo, SegmentInfo } from "../runRecord.ts";

/** The bodies of one completion, whole or in chunks, of either kind. */
export class Completion {
  readonly #id: string;
  readonly #created = Math.floor(Date.now() / 1000);
  #first = true;

  constructor(
    readonly run: Run,
    readonly chat: boolean,
    readonly model: string,
    readonly isEnd: (token: number) => boolean,
  ) {
    this.#id = `${chat ? "chatcmpl" : "cmpl"}-${run.id}`;
  }

  /** Why no more tokens come: at the story's end "stop", at the limit "length"; null before. */
  get finishReason(): "stop" | "length" | null {
    const { tokens, request } = this.run;
    const last = tokens.at(-1);
    if (!last) return null;
    return this.isEnd(last.id) ? "stop" : tokens.length >= request.tokens ? "length" : null;
  }

  get usage() {
    const prompt = this.run.start?.promptTokens.length ?? 0;
    const completion = this.run.tokens.length;
    return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  }

  whole() {
    const text = this.run.tokens.map((token) => token.text).join("");
    const answer = this.chat ? { message: { role: "assistant", content: text, refusal: null } } : { text };
    return {
      ...this.#head(false),
      choices: [{ index: 0, ...answer, logprobs: null, finish_reason: this.finishReason }],
      usage: this.usage,
      starkstream: sessionLinks(this.run.id),
    };
  }

  /** A chunk of text; the first of a chat also says whose it is. */
  text(text: string, finishReason: "stop" | "length" | null = null) {
    const role = this.#first ? { role: "assistant" } : {};
    this.#first = false;
    const answer = this.chat ? { delta: { ...role, ...(text !== "" && { content: text }) } } : { text };
    return {
      ...this.#head(true),
      choices: [{ index: 0, ...answer, logprobs: null, finish_reason: finishReason }],
    };
  }

  lastUsage() {
    return { ...this.#head(true), choices: [], usage: this.usage };
  }

  /** A proven segment, as a chunk without choices, so that a client that reads every event passes it over. */
  segment(info: SegmentInfo, proof: string | null) {
    const url = `/v1/sessions/${this.run.id}/segments/${info.index}`;
    return {
      ...this.#head(true),
      choices: [],
      starkstream: { session: this.run.id, segment: info, url, ...(proof !== null && { proof }) },
    };
  }

  /** The final proof, in the same way. */
  final(info: FinalInfo, proof: string | null) {
    const url = `/v1/sessions/${this.run.id}/final`;
    return {
      ...this.#head(true),
      choices: [],
      starkstream: { session: this.run.id, final: info, url, ...(proof !== null && { proof }) },
    };
  }

  #head(chunk: boolean) {
    const object = this.chat ? (chunk ? "chat.completion.chunk" : "chat.completion") : "text_completion";
    return { id: this.#id, object, created: this.#created, model: this.model };
  }
}

export function sessionLinks(id: string) {
  return { session: id, url: `/v1/sessions/${id}` };
}
