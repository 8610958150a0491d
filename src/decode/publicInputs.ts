import { DRAW_LIMBS } from "../model/sampler.ts";
import { drawOf } from "./draw.ts";

const NO_DRAW: readonly number[] = new Array<number>(DRAW_LIMBS).fill(0);

/** The part of a segment's statement that the rules read. */
export interface RowsStatement {
  readonly position: number;
  readonly tokens: readonly number[];
  /** What follows the last row, if it is generated. */
  readonly nextToken: number;
  readonly promptLength: number;
  /** Of a sampled session's draws. */
  readonly seed?: number;
}

type InputName = "block" | "live" | "generated" | "token" | "choice" | "draw";

/**
 * The statement as the rules' public inputs: 0s and 1s, bits most significant first, and limbs of draws.
 * From row promptLength − 1 on, each live row's choice is the token that follows it, and its draw that
 * token's; other rows have the draw 0.
 */
export function publicInputs(
  statement: RowsStatement,
  logSegment: number,
  logBlocks: number,
  logVocab: number,
): Record<InputName, number[]> {
  const { position, tokens, nextToken, promptLength, seed } = statement;
  const rows = Array.from({ length: 2 ** logSegment }, (_, t) => t);
  const isLive = (t: number) => t < tokens.length;
  const isGenerated = (t: number) => isLive(t) && position + t >= promptLength - 1;
  const follower = (t: number) => (t + 1 < tokens.length ? tokens[t + 1] : nextToken);
  return {
    block: bits(Math.floor(position / 2 ** logSegment), logBlocks),
    live: rows.map((t) => Number(isLive(t))),
    generated: rows.map((t) => Number(isGenerated(t))),
    token: rows.flatMap((t) => bits(isLive(t) ? tokens[t] : 0, logVocab)),
    choice: rows.flatMap((t) => bits(isGenerated(t) ? follower(t) : 0, logVocab)),
    draw:
      seed === undefined
        ? []
        : rows.flatMap((t) => (isGenerated(t) ? drawOf(seed, position + t + 1) : NO_DRAW)),
  };
}

function bits(n: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.floor(n / 2 ** (count - 1 - k)) % 2);
}
