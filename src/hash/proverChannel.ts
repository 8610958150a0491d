import type { Ext } from "../field/ext.ts";
import { P } from "../field/m31.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { DIGEST_WORDS } from "./blake3.ts";
import { SentNodes } from "./knownNodes.ts";
import { digestAt, logLayer } from "./merkleLayer.ts";
import type { MerkleTree } from "./merkleTree.ts";
import { PROOF_LABEL, Transcript } from "./transcript.ts";

/** What the prover needs for grinding (and, elsewhere, for everything): `createKernels()` gives it. */
export interface Prover {
  readonly kernels: Kernels;
  readonly arena: Arena;
}

/** What is read of a tree that is opened. */
export type OpenTree = Pick<MerkleTree, "logLeaves" | "layer" | "path">;

/** Nonces that one kernel call tries. */
const GRINDING_BATCH = 2 ** 16;

/**
 * The prover's mirror of the native verifier's channel: the same steps in the same order, writing the
 * words which that one reads.
 *
 * @example
 * ```ts
 * import { runVerifier } from "./nativeChannel.ts";
 * import { ProverChannel } from "./proverChannel.ts";
 * const channel = new ProverChannel();
 * channel.send([[1, 2, 3, 4, 5]]);
 * const r = channel.sample();
 * console.log(runVerifier(channel.finish(), (verifier) => {
 *   verifier.receive(1);
 *   verifier.expectZero(verifier.sub(verifier.sample(), r), "same challenge");
 * })); // { ok: true }
 * ```
 */
export class ProverChannel {
  readonly #transcript = new Transcript(PROOF_LABEL);
  readonly #proof: number[] = [];

  /** Absorbs public words, which are not part of the proof. */
  observe(words: ArrayLike<number>): void {
    this.#transcript.absorb(words);
  }

  send(elements: readonly Ext[]): void {
    for (const element of elements) {
      this.#transcript.absorb(element);
      this.#proof.push(...element);
    }
  }

  /** A root, 8 words. */
  sendRoot(root: ArrayLike<number>): void {
    this.observeRoot(root);
    this.#push(root);
  }

  /** A root that the statement gives. */
  observeRoot(root: ArrayLike<number>): void {
    this.#transcript.absorb(root);
  }

  sample(): Ext {
    return this.#transcript.sample();
  }

  /** Searches the least nonce of `bits` ≤ 30 bits of work and sends it; nothing for 0 bits. */
  grind(bits: number, { kernels, arena }: Prover): void {
    if (bits === 0) return;
    const mark = arena.mark();
    const state = arena.alloc(DIGEST_WORDS);
    arena.u32(state, DIGEST_WORDS).set(this.#transcript.grindingState());
    let nonce = -1;
    for (let from = 0; nonce < 0; from += GRINDING_BATCH) {
      if (from >= P)
        throw new RangeError(`grinding: expected a nonce of ${bits} bits below ${P}, found none`);
      nonce = kernels.grind(state, bits, from, Math.min(GRINDING_BATCH, P - from));
    }
    arena.release(mark);
    this.#transcript.absorb([nonce]);
    this.#proof.push(nonce);
  }

  sampleIndex(log: number): number {
    return this.#transcript.sampleIndex(log);
  }

  /**
   * A layer of the tree, then for each index its row of base words and the part of its path that the verifier
   * does not know from what came before: not absorbed, the root binds them.
   */
  sendOpenings(tree: OpenTree, indices: readonly number[], rows: readonly ArrayLike<number>[]): void {
    const log = logLayer(tree.logLeaves, indices.length);
    this.#push(tree.layer(log));
    const sent = new SentNodes(log, tree.logLeaves);
    indices.forEach((index, k) => {
      this.#push(rows[k] as ArrayLike<number>);
      const path = tree.path(index);
      for (const height of sent.newSiblings(index)) this.#push(digestAt(path, height));
    });
  }

  #push(words: ArrayLike<number>): void {
    for (let i = 0; i < words.length; i++) this.#proof.push(words[i] as number);
  }

  /** Words of the proof so far. */
  get length(): number {
    return this.#proof.length;
  }

  finish(): Uint32Array {
    return Uint32Array.from(this.#proof);
  }
}
