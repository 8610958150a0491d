import type { Ext } from "../field/ext.ts";
import { P } from "../field/m31.ts";
import { BLOCK_WORDS, CHUNK_WORDS, DIGEST_WORDS, keyedStream, labelWords } from "./blake3.ts";

/** The label with which the transcript of every proof begins. */
export const PROOF_LABEL = "starkstream 1";

/**
 * The Fiat–Shamir transcript: a state S of 8 words and the words absorbed since.
 *
 * A *fold* computes X = keyed BLAKE3 with key S of the pending words, read as an endless stream; the
 * new S is X's first 8 words, and challenges are read from X in order, beginning at its first word.
 * Folds happen when a challenge, an index or the grinding state is wanted and words are pending, and
 * before a 257th word would be pending (so that no message is longer than one chunk). Absorbing ends
 * the stream: what comes next depends on everything before.
 *
 * S names the whole history: two histories with one S are a collision of BLAKE3 (128 bits). That S
 * and the challenges share words costs nothing: nothing here is secret, and each challenge is a
 * random-oracle answer to (S before, words absorbed). The cost is one compression per 16 words
 * absorbed and one per 16 words read beyond the first 16: a sumcheck round is one compression.
 *
 * What is absorbed where is fixed by shapes that the verifier owns and absorbs first, so messages need
 * no marks between them. Grinding hashes S ‖ nonce unkeyed, and the nonce is then absorbed.
 *
 * @example
 * ```ts
 * import { Transcript } from "./transcript.ts";
 * const transcript = new Transcript("demo");
 * transcript.absorb([1, 2, 3]);
 * console.log(transcript.sample(), transcript.sampleIndex(10));
 * ```
 */
export class Transcript {
  readonly #state = new Uint32Array(DIGEST_WORDS);
  readonly #pending = new Uint32Array(CHUNK_WORDS);
  #count = 0;
  #next: () => Uint32Array = () => new Uint32Array(BLOCK_WORDS);
  #block: Uint32Array = new Uint32Array(BLOCK_WORDS);
  #used = 0;

  /** S = 0, and the label absorbed. */
  constructor(label: string) {
    this.absorb(labelWords(label));
  }

  absorb(words: ArrayLike<number>): void {
    for (let i = 0; i < words.length; i++) {
      if (this.#count === CHUNK_WORDS) this.#fold();
      this.#pending[this.#count++] = words[i] as number;
    }
  }

  /**
   * A challenge: five coordinates, each w0 + 2^32·w1 mod p of two stream words. A coordinate takes any
   * value with probability ≤ (1 + 2^-33)/p, a challenge with ≤ (1 + 2^-30)/p^5: that factor is the
   * whole loss against uniform challenges.
   */
  sample(): Ext {
    this.#foldPending();
    return [
      this.#coordinate(),
      this.#coordinate(),
      this.#coordinate(),
      this.#coordinate(),
      this.#coordinate(),
    ];
  }

  /** The low `log` ≤ 32 bits of one stream word: a uniform index. */
  sampleIndex(log: number): number {
    this.#foldPending();
    return this.#word() % 2 ** log;
  }

  /** S with nothing pending, 8 words: what the grinding nonce must hash with. */
  grindingState(): Uint32Array {
    this.#foldPending();
    return this.#state.slice();
  }

  #foldPending(): void {
    if (this.#count > 0) this.#fold();
  }

  #fold(): void {
    this.#next = keyedStream(this.#state, this.#pending.subarray(0, this.#count));
    this.#block = this.#next();
    this.#used = 0;
    this.#count = 0;
    this.#state.set(this.#block.subarray(0, DIGEST_WORDS));
  }

  #word(): number {
    if (this.#used === BLOCK_WORDS) {
      this.#block = this.#next();
      this.#used = 0;
    }
    return this.#block[this.#used++] as number;
  }

  #coordinate(): number {
    const low = this.#word();
    return (low + 2 * this.#word()) % P; // 2^32 ≡ 2
  }
}

/** `count` extension elements that depend on (label, words) alone. */
export function derivePoint(label: string, words: ArrayLike<number>, count: number): Ext[] {
  const transcript = new Transcript(label);
  transcript.absorb(words);
  return Array.from({ length: count }, () => transcript.sample());
}
