import type { Ext } from "../../field/ext.ts";
import { BLOCK_WORDS, CHUNK_WORDS, DIGEST_WORDS, labelWords } from "../../hash/blake3.ts";
import type { CircuitBuilder } from "./circuitBuilder.ts";
import type { BitCells, Wire, WordCell } from "./wire.ts";
import { keyedCells } from "./wireHash.ts";

/** The Fiat–Shamir transcript over word cells. Mirror, step by step: `Transcript`. */
export class WireTranscript {
  #state: readonly WordCell[] = new Array<WordCell>(DIGEST_WORDS).fill(0);
  #pending: WordCell[] = [];
  #next: () => WordCell[] = () => new Array<WordCell>(BLOCK_WORDS).fill(0);
  #block: readonly WordCell[] = [];
  #used = BLOCK_WORDS;

  constructor(
    readonly builder: CircuitBuilder,
    label: string,
  ) {
    this.absorb(Array.from(labelWords(label), (word) => builder.constantWord(word)));
  }

  absorb(words: readonly WordCell[]): void {
    for (const word of words) {
      if (this.#pending.length === CHUNK_WORDS) this.#fold();
      this.#pending.push(word);
    }
  }

  sample(): Wire {
    this.#foldPending();
    return fromCoordinates(
      this.builder,
      Array.from({ length: 5 }, () => this.#coordinate()),
    );
  }

  sampleIndex(log: number): BitCells {
    this.#foldPending();
    return this.builder.bits(this.#word()).slice(0, log);
  }

  grindingState(): readonly WordCell[] {
    this.#foldPending();
    return this.#state;
  }

  #foldPending(): void {
    if (this.#pending.length > 0) this.#fold();
  }

  #fold(): void {
    this.#next = keyedCells(this.builder, this.#state, this.#pending);
    this.#block = this.#next();
    this.#used = 0;
    this.#pending = [];
    this.#state = this.#block.slice(0, DIGEST_WORDS);
  }

  #word(): WordCell {
    if (this.#used === BLOCK_WORDS) {
      this.#block = this.#next();
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /** low + 2^32·high mod p, 2^32 ≡ 2. */
  #coordinate(): Wire {
    const { builder } = this;
    const low = builder.lift(this.#word(), false);
    return builder.add(low, builder.scale(builder.lift(this.#word(), false), 2));
  }
}

const X: Ext = [0, 1, 0, 0, 0];

/** Σ coordinate_j·x^j. */
export function fromCoordinates(builder: CircuitBuilder, coordinates: readonly Wire[]): Wire {
  return coordinates.reduceRight((sum, coordinate) =>
    builder.add(builder.mul(sum, builder.constant(X)), coordinate),
  );
}
