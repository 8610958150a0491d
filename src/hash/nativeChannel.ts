import { eBase, eIsZero, type Ext } from "../field/ext.ts";
import { P } from "../field/m31.ts";
import { lineDomainPoint } from "../poly/lineDomain.ts";
import { DIGEST_WORDS, hashWords } from "./blake3.ts";
import type { VerifierChannel } from "./channel.ts";
import { extArithmetic } from "./extArithmetic.ts";
import { KnownNodes } from "./knownNodes.ts";
import { layerRoot, logLayer, sameDigest } from "./merkleLayer.ts";
import { derivePoint, PROOF_LABEL, Transcript } from "./transcript.ts";
import type { Verdict } from "./verdict.ts";

/**
 * The native verifier's channel: reads a proof's words in verifier order and keeps the transcript.
 *
 * A proof is a flat body of u32 words without any lengths: field words (canonical: 0 ≤ w < p, so zero
 * has one encoding), nonces (the same), roots and path digests (any u32). It is rejected on the first
 * bad word, failed check, or word too many or too few. Of a Merkle path only those siblings are there that
 * the openings before do not give (`KnownNodes`).
 *
 * @example
 * ```ts
 * import { runVerifier } from "./nativeChannel.ts";
 * const verdict = runVerifier(new Uint32Array([1, 0, 0, 0, 0]), (channel) => {
 *   const [x] = channel.receive(1);
 *   channel.expectZero(channel.sub(x!, channel.constant(2)), "x is two");
 * });
 * console.log(verdict); // { ok: false, check: "x is two", detail: … }
 * ```
 */
export interface NativeChannel extends VerifierChannel<Ext, Uint32Array, number> {}

/** Runs a verifier over a proof. Whatever the words are, it returns a verdict. */
export function runVerifier(proof: Uint32Array, verify: (channel: NativeChannel) => void): Verdict {
  return run(new ProofReader(proof), verify);
}

/**
 * The proof with every opening's whole path, whose length and reading do not depend on the challenges:
 * what a circuit reads. Or the verdict, if the proof does not verify.
 */
export function expandProof(
  proof: Uint32Array,
  verify: (channel: NativeChannel) => void,
): Uint32Array | (Verdict & { readonly ok: false }) {
  const expanded: Uint32Array[] = [];
  const verdict = run(new ProofReader(proof, expanded), verify);
  if (!verdict.ok) return verdict;
  const words = new Uint32Array(expanded.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of expanded) {
    words.set(part, at);
    at += part.length;
  }
  return words;
}

function run(channel: ProofReader, verify: (channel: NativeChannel) => void): Verdict {
  try {
    verify(channel);
    channel.expectEnd();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error; // a shape that does not fit: the verifier's own fault
    return { ok: false, check: error.check, detail: error.detail };
  }
  return { ok: true };
}

class Rejection extends Error {
  constructor(
    readonly check: string,
    readonly detail: string,
  ) {
    super(`${check}: ${detail}`);
  }
}

class ProofReader implements NativeChannel {
  // The functions themselves: a method that calls them would be another call for every step.
  readonly constant = extArithmetic.constant;
  readonly add = extArithmetic.add;
  readonly sub = extArithmetic.sub;
  readonly mul = extArithmetic.mul;
  readonly scale = extArithmetic.scale;
  readonly innerProduct = extArithmetic.innerProduct;
  readonly #proof: Uint32Array;
  readonly #transcript = new Transcript(PROOF_LABEL);
  readonly #expanded: Uint32Array[] | undefined;
  #at = 0;

  /** @param expanded collects the words read, and every opening's whole path */
  constructor(proof: Uint32Array, expanded?: Uint32Array[]) {
    this.#proof = proof;
    this.#expanded = expanded;
  }

  observe(words: ArrayLike<number>): void {
    this.#transcript.absorb(words);
  }

  receive(count: number): Ext[] {
    const words = this.#fieldWords(5 * count);
    this.#transcript.absorb(words);
    const elements: Ext[] = [];
    for (let i = 0; i < words.length; i += 5)
      elements.push([
        word(words, i),
        word(words, i + 1),
        word(words, i + 2),
        word(words, i + 3),
        word(words, i + 4),
      ]);
    return elements;
  }

  receiveRoot(): Uint32Array {
    return this.observeRoot(this.#words(DIGEST_WORDS));
  }

  observeRoot(words: ArrayLike<number>): Uint32Array {
    this.#transcript.absorb(words);
    return Uint32Array.from(words);
  }

  sample(): Ext {
    return this.#transcript.sample();
  }

  grind(bits: number, check: string): void {
    if (bits === 0) return;
    const state = this.#transcript.grindingState();
    const nonce = this.#fieldWords(1);
    const message = new Uint32Array(DIGEST_WORDS + 1);
    message.set(state);
    message.set(nonce, DIGEST_WORDS);
    const rest = word(hashWords(message), 0) % 2 ** bits;
    if (rest !== 0)
      throw new Rejection(
        check,
        `expected ${bits} zero bits of work for nonce ${nonce[0]}, found a remainder of ${rest}`,
      );
    this.#transcript.absorb(nonce);
  }

  contextPoint(root: Uint32Array, logSize: number): Ext[] {
    return derivePoint("ood", root, logSize);
  }

  sampleIndex(log: number): number {
    return this.#transcript.sampleIndex(log);
  }

  openRows(
    root: Uint32Array,
    logLeaves: number,
    words: number,
    indices: readonly number[],
    check: string,
  ): Ext[][] {
    const layer = this.#words(2 ** logLayer(logLeaves, indices.length) * DIGEST_WORDS);
    if (!sameDigest(layerRoot(layer), root))
      throw new Rejection(check, "expected a layer that leads to the root, found another digest");
    const known = new KnownNodes(layer, logLeaves);
    return indices.map((index) => {
      const row = this.#fieldWords(words);
      if (!known.checkLeaf(index, hashWords(row), () => this.#take(DIGEST_WORDS)))
        throw new Rejection(
          check,
          `expected the path of row ${index} to lead to the root, found another digest`,
        );
      this.#expanded?.push(known.path(index));
      return Array.from(row, eBase);
    });
  }

  keyOf(element: Ext): string {
    return element.join();
  }

  domainPoint(index: number, log: number): Ext {
    return eBase(lineDomainPoint(index, log));
  }

  expectZero(value: Ext, check: string): void {
    if (!eIsZero(value)) throw new Rejection(check, `expected 0, found [${value.join(", ")}]`);
  }

  expectEnd(): void {
    const left = this.#proof.length - this.#at;
    if (left !== 0)
      throw new Rejection("proof length", `expected ${this.#at} words, found ${this.#proof.length}`);
  }

  /** The next `count` words, any u32. */
  #words(count: number): Uint32Array {
    const words = this.#take(count);
    this.#expanded?.push(words);
    return words;
  }

  /** The same of a path, which is expanded apart. A view, so nothing is allocated for what is not there. */
  #take(count: number): Uint32Array {
    const end = this.#at + count;
    if (end > this.#proof.length)
      throw new Rejection("proof length", `expected at least ${end} words, found ${this.#proof.length}`);
    const words = this.#proof.subarray(this.#at, end);
    this.#at = end;
    return words;
  }

  /** The next `count` words, which must be canonical field elements. */
  #fieldWords(count: number): Uint32Array {
    const words = this.#words(count);
    for (let i = 0; i < count; i++)
      if (word(words, i) >= P)
        throw new Rejection(
          "canonical words",
          `expected words below ${P}, found ${words[i]} at ${this.#at - count + i}`,
        );
    return words;
  }
}

function word(words: Uint32Array, i: number): number {
  return words[i] as number;
}
