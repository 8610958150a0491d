import type { Ext } from "../field/ext.ts";

/**
 * The arithmetic a verifier is written over. `E` stands for an extension-field element: a number
 * tuple when verifying natively, a wire when the verifier is recorded into the folding circuit.
 */
export interface Arithmetic<E> {
  constant(value: Ext | number): E;
  add(a: E, b: E): E;
  sub(a: E, b: E): E;
  mul(a: E, b: E): E;
  /** a·k for a base constant k (any integer, reduced mod p). */
  scale(a: E, k: number): E;
  /** Σ a_i·b_i over the shorter list's length; cheapest if the b_i are base elements. */
  innerProduct(a: readonly E[], b: readonly E[]): E;
}

/**
 * Everything a verifier may do with a proof. One verifier source runs over any implementation: the native
 * one (`nativeChannel.ts`) and the folding recorder. No method's *shape* arguments may depend on proof
 * data, so every proof of one shape takes the same steps.
 *
 * @typeParam E an extension-field element
 * @typeParam R a Merkle root
 * @typeParam I a query index
 */
export interface ProofChannel<E, R, I> extends Arithmetic<E> {
  /** The next `count` extension elements of the proof, absorbed. */
  receive(count: number): E[];
  /** The next root of the proof, absorbed. */
  receiveRoot(): R;
  sample(): E;
  /** Proof of work of `bits` bits (0: nothing is read): the nonce is the proof's next word, absorbed. */
  grind(bits: number, check: string): void;
  /**
   * The point, `logSize` coordinates, at which an oracle that outlives one transcript is named:
   * derived from H("ood", root) alone. Nothing is absorbed.
   */
  contextPoint(root: R, logSize: number): E[];
  /** A uniform index below 2^log. */
  sampleIndex(log: number): I;
  /**
   * The leaves of `words` base words each at the `indices` of the tree of 2^logLeaves leaves under `root`, which
   * is opened this once. A layer of the tree, rows and paths come from the proof (not absorbed: the root already
   * binds them), and are checked here.
   */
  openRows(root: R, logLeaves: number, words: number, indices: readonly I[], check: string): E[][];
  /** A name of the element: of two that have one name, the values are the same, in every proof. */
  keyOf(element: E): string;
  /** The x-coordinate of D_log at `index` (see lineDomainPoint). */
  domainPoint(index: I, log: number): E;
  /** The proof is rejected unless value = 0; `check` names the check in the verdict. */
  expectZero(value: E, check: string): void;
}

/**
 * And with its statement.
 *
 * @typeParam W a word of the statement: a u32, and in a circuit also a cell that holds one
 */
export interface VerifierChannel<E, R, I, W = number> extends ProofChannel<E, R, I> {
  /** Absorb public words (u32 each): labels, parameters, digests, tokens. */
  observe(words: ArrayLike<W>): void;
  /** A root that the statement gives (not the proof), absorbed. */
  observeRoot(words: ArrayLike<W>): R;
}
