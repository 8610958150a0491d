/** The tokens that rows consume, out of a verdict's: all but the last choice, if the prompt has been read. */
export function consumedTokens(tokens: readonly number[], promptLength: number): readonly number[] {
  return tokens.length > promptLength ? tokens.slice(0, -1) : tokens;
}
