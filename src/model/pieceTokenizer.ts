import type { TextStream, Tokenizer } from "./tokenizer.ts";

const BOS = 1;
const EOS = 2;
/** Byte b is token 3 + b, for characters that the vocabulary lacks. */
const FIRST_BYTE = 3;

/** llama2.c's tokenizer: byte-pair merges by score, falling back to bytes. */
export class PieceTokenizer implements Tokenizer {
  readonly bos = BOS;
  readonly #ids = new Map<string, number>(); // by piece as Latin-1, first occurrence wins
  readonly #pieces: Uint8Array[];

  /** pieces[i] is token i's UTF-8 bytes. */
  constructor(
    pieces: readonly Uint8Array[],
    readonly scores: Float32Array,
    readonly maxPieceBytes: number,
  ) {
    if (pieces.length !== scores.length) {
      throw new Error(
        `tokenizer: expected one score for each of ${pieces.length} pieces, found ${scores.length}`,
      );
    }
    this.#pieces = [...pieces];
    pieces.forEach((piece, id) => {
      const key = latin1(piece);
      if (!this.#ids.has(key)) this.#ids.set(key, id);
    });
  }

  get vocab(): number {
    return this.#pieces.length;
  }

  /** Stories end with either. */
  isEnd(token: number): boolean {
    return token === BOS || token === EOS;
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** The tokens of a text, BOS first unless told otherwise. */
  encode(text: string, { bos = true } = {}): number[] {
    const tokens: number[] = [];
    // as sentencepiece does: a text begins with a space
    const space = this.#ids.get(" ");
    if (text.length > 0 && space !== undefined) tokens.push(space);
    for (const character of text) {
      const bytes = new TextEncoder().encode(character);
      const id = this.#ids.get(latin1(bytes));
      if (id !== undefined) tokens.push(id);
      else for (const byte of bytes) tokens.push(this.#byteToken(byte));
    }
    this.#merge(tokens);
    return bos ? [BOS, ...tokens] : tokens;
  }

  #byteToken(byte: number): number {
    const id = FIRST_BYTE + byte;
    if (id >= this.vocab)
      throw new Error(`tokenizer: expected a token for byte ${byte}, found a vocabulary of ${this.vocab}`);
    return id;
  }

  /** Merges neighbours in place, the pair with the best score first, the leftmost among equals. */
  #merge(tokens: number[]): void {
    for (;;) {
      let best = -Infinity;
      let bestId = -1;
      let bestAt = -1;
      for (let i = 0; i + 1 < tokens.length; i++) {
        const id = this.#ids.get(latin1(this.#pieces[tokens[i]!]!) + latin1(this.#pieces[tokens[i + 1]!]!));
        if (id !== undefined && this.scores[id]! > best) {
          best = this.scores[id]!;
          bestId = id;
          bestAt = i;
        }
      }
      if (bestAt < 0) return;
      tokens.splice(bestAt, 2, bestId);
    }
  }

  /** What a token adds to the text: its bytes, without the space that the first token after BOS begins with. */
  pieceBytes(previous: number, token: number): Uint8Array {
    const piece = this.#pieces[token];
    if (!piece) throw new RangeError(`tokenizer: expected a token in [0, ${this.vocab}), found ${token}`);
    const raw = /^<0x([0-9A-Fa-f]{2})>$/.exec(latin1(piece));
    if (raw) return Uint8Array.of(Number.parseInt(raw[1]!, 16));
    return previous === BOS && piece[0] === 0x20 ? piece.subarray(1) : piece;
  }

  /** The text of a token sequence; BOS and EOS are silent. */
  decode(tokens: readonly number[]): string {
    const stream = this.stream();
    return tokens.map((token) => stream.push(token)).join("") + stream.end();
  }

  /** Decodes token by token; a character whose bytes span tokens comes out with the last of them. */
  stream(): TextStream {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let previous = BOS;
    return {
      push: (token) => {
        const bytes = token === BOS || token === EOS ? new Uint8Array(0) : this.pieceBytes(previous, token);
        previous = token;
        return decoder.decode(bytes, { stream: true });
      },
      end: () => decoder.decode(),
    };
  }
}

/** Bytes as a string of the same length: a key for maps. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
