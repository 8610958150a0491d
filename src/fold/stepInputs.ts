import type { Commitment } from "../segment/statement.ts";

/** What a step states: with this key, this and all steps before it join proven segments from `first` to `last`. */
export interface StepStatement {
  /** The circuit's own name, passed on unchanged from step to step. */
  readonly key: Commitment;
  /** Digests of boundaries, 8 words each. */
  readonly first: ArrayLike<number>;
  readonly last: ArrayLike<number>;
}

/** log2 of a step's public inputs. */
export const LOG_STEP_INPUTS = 6;

/** Where each part stands among the public inputs; every 32-bit word is two halves, the low one first. */
export const STEP_INPUTS = { root: 1, value: 17, first: 27, last: 43, end: 59 } as const;

/** The statement as the circuit's public inputs: 0, then key root, key value, first and last digest, then zeros. */
export function stepInputs({ key, first, last }: StepStatement): number[] {
  const words = [...key.root, ...key.value, ...Array.from(first), ...Array.from(last)];
  const inputs = [0, ...words.flatMap((word) => [word & 0xffff, word >>> 16])];
  return [...inputs, ...new Array<number>(2 ** LOG_STEP_INPUTS - inputs.length).fill(0)];
}
