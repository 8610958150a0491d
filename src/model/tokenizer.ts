/** Text to tokens and back, whatever the vocabulary is made of. */
export interface Tokenizer {
  /** Every token is below it. */
  readonly vocab: number;
  /** What a text of the model's own begins with. */
  readonly bos: number;
  /** Whether the model ends its text with this token. */
  isEnd(token: number): boolean;
  /** The tokens of a text; unless told otherwise, after what the model expects at a text's beginning. */
  encode(text: string, options?: { readonly bos?: boolean }): number[];
  /** The text of a token sequence; special tokens are silent. */
  decode(tokens: readonly number[]): string;
  /** Decodes token by token; a character whose bytes span tokens comes out with the last of them. */
  stream(): TextStream;
  /** The prompt for a conversation, where the model comes with a template for it. */
  chat?(messages: readonly ChatMessage[]): string;
}

/** @internal */
export interface TextStream {
  /** The text that this token completes. */
  push(token: number): string;
  /** What is left of an unfinished character, as U+FFFD. */
  end(): string;
}

/** @internal */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}
