/** The part of a segment's statement that the rules read. */
export interface RowsStatement {
  readonly position: number;
  readonly tokens: readonly number[];
  /** What follows the last row, if it is generated. */
  readonly nextToken: number;
  readonly promptLength: number;
}

/**
 * The statement as the rules' public inputs, 0s and 1s, bits most significant first. From row
 * promptLength − 1 on, each live row's choice is the token that follows it.
 */
export function publicInputs(
  statement: RowsStatement,
  logSegment: number,
  logBlocks: number,
  logVocab: number,
): Record<"block" | "live" | "generated" | "token" | "choice", number[]> {
  const { position, tokens, nextToken, promptLength } = statement;
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
  };
}

function bits(n: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.floor(n / 2 ** (count - 1 - k)) % 2);
}
