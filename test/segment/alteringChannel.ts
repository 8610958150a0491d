import { type Ext, ONE } from "../../src/field/ext.ts";
import * as ext from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import { hashWords } from "../../src/hash/blake3.ts";
import { SentNodes } from "../../src/hash/knownNodes.ts";
import { logLayer } from "../../src/hash/merkleLayer.ts";
import { type OpenTree, type Prover, ProverChannel } from "../../src/hash/proverChannel.ts";
import { PROOF_LABEL, Transcript } from "../../src/hash/transcript.ts";

export type SentKind = "element" | "root" | "nonce" | "layer" | "opening";

/** Something that the prover sends: its kind, and where its words begin in the proof. */
export interface Sent {
  readonly kind: SentKind;
  readonly at: number;
}

/**
 * The channel of a prover that alters one of the things it sends, the `target`-th of its kind, before it
 * is absorbed, and is honest again at once: what follows fits the altered transcript.
 */
export class AlteringChannel extends ProverChannel {
  readonly sent: Sent[] = [];
  readonly #transcript = new Transcript(PROOF_LABEL);
  readonly #words: number[] = [];
  readonly #counts: Record<SentKind, number> = { element: 0, root: 0, nonce: 0, layer: 0, opening: 0 };

  constructor(
    readonly kind: SentKind | null = null,
    readonly target = -1,
  ) {
    super();
  }

  override observe(words: ArrayLike<number>): void {
    this.#transcript.absorb(words);
  }

  override send(elements: readonly Ext[]): void {
    for (const element of elements) {
      const words = this.#note("element") ? ext.eAdd(element, ONE) : element;
      this.#transcript.absorb(words);
      this.#words.push(...words);
    }
  }

  override sendRoot(root: ArrayLike<number>): void {
    const words = Array.from(root);
    if (this.#note("root")) words[3] = (words[3] ^ 1) >>> 0;
    this.#transcript.absorb(words);
    this.#words.push(...words);
  }

  override observeRoot(root: ArrayLike<number>): void {
    this.#transcript.absorb(root);
  }

  override sample(): Ext {
    return this.#transcript.sample();
  }

  /** The least nonce that works; altered, the least one after it that does not. */
  override grind(bits: number, _prover: Prover): void {
    if (bits === 0) return;
    const state = this.#transcript.grindingState();
    const works = (nonce: number) => hashWords([...state, nonce])[0] % 2 ** bits === 0;
    let nonce = 0;
    while (!works(nonce)) nonce++;
    if (this.#note("nonce")) while (works(nonce)) nonce++;
    this.#transcript.absorb([nonce]);
    this.#words.push(nonce);
  }

  override sampleIndex(log: number): number {
    return this.#transcript.sampleIndex(log);
  }

  override sendOpenings(
    tree: OpenTree,
    indices: readonly number[],
    rows: readonly ArrayLike<number>[],
  ): void {
    const log = logLayer(tree.logLeaves, indices.length);
    const layer = tree.layer(log);
    if (this.#note("layer")) layer[this.target % layer.length] ^= 1;
    this.#words.push(...layer);
    const sent = new SentNodes(log, tree.logLeaves);
    indices.forEach((index, k) => {
      const path = tree.path(index);
      const siblings = sent
        .newSiblings(index)
        .flatMap((height) => [...path.subarray(8 * height, 8 * height + 8)]);
      const row = rows[k] as ArrayLike<number>;
      const words = [...Array.from(row), ...siblings];
      if (this.#note("opening")) {
        const at = this.target % words.length;
        words[at] = at < row.length ? (words[at] + 1) % P : (words[at] ^ 1) >>> 0;
      }
      this.#words.push(...words);
    });
  }

  override get length(): number {
    return this.#words.length;
  }

  override finish(): Uint32Array {
    return Uint32Array.from(this.#words);
  }

  /** Records what is sent; is it the target? */
  #note(kind: SentKind): boolean {
    this.sent.push({ kind, at: this.#words.length });
    return this.#counts[kind]++ === this.target && kind === this.kind;
  }
}
