import { Template } from "@huggingface/jinja";
import { Tokenizer as Encoder } from "@huggingface/tokenizers";
import type { ChatMessage, TextStream, Tokenizer } from "./tokenizer.ts";

/** What a `HubTokenizer` is made of, and stored as, in JSON. */
export interface HubTokenizerParts {
  /** The content of tokenizer.json. */
  readonly tokenizer: object;
  readonly bos: number;
  /** The tokens that end a text. */
  readonly ends: readonly number[];
  /** A Jinja template for conversations. */
  readonly template?: string;
}

/** The tokenizers of Hugging Face's hub: byte-pair merges and more, by `@huggingface/tokenizers`. */
export class HubTokenizer implements Tokenizer {
  readonly bos: number;
  readonly #encoder: Encoder;
  readonly #bosText: string | undefined;
  readonly chat?: (messages: readonly ChatMessage[]) => string;

  /**
   * A model may have room for more tokens than there are; those have no text.
   *
   * @throws if a part is not what it should be, or a token is not below `vocab`
   */
  constructor(
    readonly parts: HubTokenizerParts,
    readonly vocab: number,
  ) {
    const { tokenizer, bos, ends, template } = parts;
    this.bos = bos;
    for (const token of [bos, ...ends])
      if (!Number.isInteger(token) || token < 0 || token >= vocab)
        throw new Error(`tokenizer: expected special tokens in [0, ${vocab}), found ${token}`);
    try {
      this.#encoder = new Encoder(tokenizer, {});
    } catch (error) {
      throw new Error(`tokenizer.json: expected a tokenizer, found ${error}`);
    }
    let largest = -1;
    for (const id of this.#encoder.get_vocab().values()) largest = Math.max(largest, id);
    if (!(largest < vocab))
      throw new Error(
        `tokenizer.json: expected tokens below ${vocab}, the model's vocabulary, found ${largest}`,
      );
    this.#bosText = this.#encoder.id_to_token(bos);
    if (template !== undefined) this.chat = this.#chat(new Template(template));
  }

  isEnd(token: number): boolean {
    return this.parts.ends.includes(token);
  }

  /** A text that brings its beginning itself, as templates do, gets no other. */
  encode(text: string, { bos = true } = {}): number[] {
    const begins = this.#bosText !== undefined && text.startsWith(this.#bosText);
    return this.#encoder.encode(text, { add_special_tokens: bos && !begins }).ids;
  }

  decode(tokens: readonly number[]): string {
    const known = tokens.filter((token) => this.#encoder.id_to_token(token) !== undefined);
    const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
    return known.length === 0 ? "" : this.#encoder.decode(known, options);
  }

  /** Shows what a token adds to the text of a few tokens before it, for the first of a text may lose its space. */
  stream(): TextStream {
    let shown: number[] = []; // tokens whose text is out; only the last few
    let waiting: number[] = []; // those whose text still lacks bytes
    const added = (isLast: boolean) => {
      const before = this.decode(shown);
      const text = this.decode([...shown, ...waiting]);
      if (!isLast && text.endsWith("\ufffd")) return "";
      shown = [...shown, ...waiting].slice(-8);
      waiting = [];
      return text.slice(before.length);
    };
    return {
      push: (token) => {
        if (!(Number.isInteger(token) && token >= 0 && token < this.vocab))
          throw new RangeError(`tokenizer: expected a token in [0, ${this.vocab}), found ${token}`);
        waiting.push(token);
        return added(false);
      },
      end: () => added(true),
    };
  }

  #chat(template: Template) {
    const { bos, ends } = this.parts;
    const [bos_token, eos_token] = [bos, ends[0] ?? bos].map((token) => this.#encoder.id_to_token(token));
    return (messages: readonly ChatMessage[]) =>
      template.render({
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: true,
        bos_token,
        eos_token,
      });
  }
}
