import type { Tokenizer } from "../model/tokenizer.ts";
import type { TokenEvent } from "./events.ts";
import type { Step } from "./overlap.ts";
import type { SessionPlan } from "./planSession.ts";

/** Decodes one token: records its rows and returns the choice for the next. */
export type DecodeToken = (token: number) => number;

/** What the loop drives. */
export interface DecodeParts<Rows> {
  readonly tokenizer: Tokenizer;
  readonly decode: DecodeToken;
  /** The rows recorded since the last call. */
  readonly takeRows: () => Rows;
}

/**
 * The decode loop: prompt and generated tokens alike pass through it, one row each. Yields a token
 * event for every generated token and the rows of every full segment; the last segment may be shorter.
 * The last generated token needs no row of its own: it is the final boundary's pending token.
 */
export async function* decodeSteps<Rows>(
  plan: SessionPlan,
  parts: DecodeParts<Rows>,
): AsyncGenerator<Step<TokenEvent, Rows>, void, void> {
  const { promptTokens, tokens, logSegment } = plan;
  const promptLength = promptTokens.length;
  const text = parts.tokenizer.stream();
  for (const token of promptTokens) text.push(token);
  let token = promptTokens[0] as number;
  for (let position = 0; ; position++) {
    const choice = parts.decode(token);
    const following = position + 1;
    const generated = following - promptLength + 1; // counting `choice`
    const last = generated > 0 && (generated === tokens || parts.tokenizer.isEnd(choice));
    const next = generated > 0 ? choice : (promptTokens[following] as number);
    if (generated > 0) {
      const piece = text.push(next) + (last ? text.end() : "");
      yield { kind: "item", item: { type: "token", position: following, id: next, text: piece } };
    }
    if (last || following % 2 ** logSegment === 0) yield { kind: "rows", rows: parts.takeRows() };
    if (last) return;
    token = next;
    await nextTurn();
  }
}

/** Lets timers, messages of the prover and the reader run. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
