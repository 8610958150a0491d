import type { Ext } from "../../field/ext.ts";
import { DIGEST_WORDS } from "../../hash/blake3.ts";
import type { VerifierChannel } from "../../hash/channel.ts";
import { logLayer } from "../../hash/merkleLayer.ts";
import { PROOF_LABEL } from "../../hash/transcript.ts";
import { domainPointWire } from "./domainPointWire.ts";
import { type CircuitBuilder, wireOf } from "./circuitBuilder.ts";
import { IntegerWires } from "./integerWires.ts";
import type { BitCells, Wire, WordCell } from "./wire.ts";
import { hashCells, hashSides, layerRootCells } from "./wireHash.ts";
import { fromCoordinates, WireTranscript } from "./wireTranscript.ts";

/** A word of the statement: known when the circuit is made, or a cell. */
export type StatementWord = number | { readonly word: WordCell };

/**
 * The verifier's channel into a circuit: what `nativeChannel.ts` computes, this one records. The proof's
 * words are free cells. Without a proof (an empty one) all of them are 0, and only the circuit counts.
 */
export class RecordingChannel implements VerifierChannel<Wire, readonly WordCell[], BitCells, StatementWord> {
  readonly #transcript: WireTranscript;
  #at = 0;

  constructor(
    readonly builder: CircuitBuilder,
    readonly proof: Uint32Array,
  ) {
    this.#transcript = new WireTranscript(builder, PROOF_LABEL);
  }

  /** Words read so far. */
  get wordsRead(): number {
    return this.#at;
  }

  constant(value: Ext | number): Wire {
    return this.builder.constant(value);
  }

  add(a: Wire, b: Wire): Wire {
    return this.builder.add(a, b);
  }

  sub(a: Wire, b: Wire): Wire {
    return this.builder.sub(a, b);
  }

  mul(a: Wire, b: Wire): Wire {
    return this.builder.mul(a, b);
  }

  scale(a: Wire, k: number): Wire {
    return this.builder.scale(a, k);
  }

  innerProduct(a: readonly Wire[], b: readonly Wire[]): Wire {
    return this.builder.innerProduct(a, b);
  }

  observe(words: ArrayLike<StatementWord>): void {
    this.#transcript.absorb(this.#cells(words));
  }

  receive(count: number): Wire[] {
    return Array.from({ length: count }, () => {
      const words = this.#words(5);
      this.#transcript.absorb(words);
      return fromCoordinates(
        this.builder,
        words.map((word) => this.builder.lift(word, true)),
      );
    });
  }

  receiveRoot(): readonly WordCell[] {
    const root = this.#words(DIGEST_WORDS);
    this.#transcript.absorb(root);
    return root;
  }

  observeRoot(words: ArrayLike<StatementWord>): readonly WordCell[] {
    const root = this.#cells(words);
    this.#transcript.absorb(root);
    return root;
  }

  sample(): Wire {
    return this.#transcript.sample();
  }

  grind(bits: number, check: string): void {
    if (bits === 0) return;
    const { builder } = this;
    const state = this.#transcript.grindingState();
    const [nonce] = this.#words(1);
    builder.lift(nonce, true);
    const [first] = hashCells(builder, [...state, nonce]);
    const rest = builder
      .bits(first)
      .slice(0, bits)
      .reduceRight((sum, bit) => builder.add(builder.scale(sum, 2), wireOf(bit)), builder.constant(0));
    builder.expectZero(rest, check);
    this.#transcript.absorb([nonce]);
  }

  contextPoint(root: readonly WordCell[], logSize: number): Wire[] {
    const transcript = new WireTranscript(this.builder, "ood");
    transcript.absorb(root);
    return Array.from({ length: logSize }, () => transcript.sample());
  }

  sampleIndex(log: number): BitCells {
    return this.#transcript.sampleIndex(log);
  }

  openRows(
    root: readonly WordCell[],
    logLeaves: number,
    words: number,
    indices: readonly BitCells[],
    check: string,
  ): Wire[][] {
    const { builder } = this;
    const log = logLayer(logLeaves, indices.length);
    const layer = this.#words(2 ** log * DIGEST_WORDS);
    layerRootCells(builder, layer).forEach((word, k) => {
      builder.expectSameWord(word, root[k], check);
    });
    const integers = new IntegerWires(builder);
    const height = logLeaves - log;
    return indices.map((index) => {
      const row = this.#words(words);
      const number = integers.value(index.slice(height, logLeaves));
      const end = { digests: layer[0], number, check };
      let digest = hashCells(builder, row, height === 0 ? end : undefined);
      for (let k = 0; k < height; k++) {
        const sibling = this.#words(DIGEST_WORDS);
        digest = hashSides(builder, digest, sibling, index[k], k === height - 1 ? end : undefined);
      }
      return row.map((word) => builder.lift(word, true));
    });
  }

  keyOf({ cell, scale, shift }: Wire): string {
    return `${scale === 0 ? 0 : cell},${scale},${shift}`;
  }

  domainPoint(index: BitCells, log: number): Wire {
    return domainPointWire(this.builder, index, log);
  }

  expectZero(value: Wire, check: string): void {
    this.builder.expectZero(value, check);
  }

  /** Checks the values at hand: the recorded circuit has read as many words as the proof has. */
  expectEnd(): void {
    if (this.proof.length > 0 && this.#at !== this.proof.length) this.builder.failures.push("proof length");
  }

  /** The next `count` words of the proof as free cells. */
  #words(count: number): WordCell[] {
    return Array.from({ length: count }, () => this.builder.freeWord(this.proof[this.#at++] ?? 0));
  }

  #cells(words: ArrayLike<StatementWord>): WordCell[] {
    return Array.from(words, (word) =>
      typeof word === "number" ? this.builder.constantWord(word) : word.word,
    );
  }
}
