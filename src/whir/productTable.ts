import { eAdd, type Ext, ZERO } from "../field/ext.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { getScalar, putScalars } from "./memory.ts";

/**
 * A sum Σ v·w over two tables of n entries, bound variable by variable. w is an extension vector; v is
 * one too, or a base vector until the first variable is bound. The given tables are not changed; bound
 * ones take turns in newly allocated buffers of n/2 and n/4 elements each.
 *
 * @example
 * ```ts
 * const table = new ProductTable(prover, { v, w, n, base: true });
 * const challenges = proveFold(prover, channel, [table], 7, 0);
 * console.log(table.n); // n / 2^7
 * ```
 */
export class ProductTable {
  readonly #prover: Prover;
  readonly #spare: { v: Ptr[]; w: Ptr[] } = { v: [], w: [] };
  #rounds = 0;
  v: Ptr;
  w: Ptr;
  n: number;
  #base: boolean;

  constructor(prover: Prover, { v, w, n, base }: { v: Ptr; w: Ptr; n: number; base: boolean }) {
    this.#prover = prover;
    this.v = v;
    this.w = w;
    this.n = n;
    this.#base = base;
  }

  /** The round's message: h(1) − h(0) and the coefficient of X². */
  message(): [Ext, Ext] {
    const { kernels, arena } = this.#prover;
    const mark = arena.mark();
    const out = arena.alloc(10);
    if (this.#base) kernels.productRoundBase(out, this.v, this.w, this.n);
    else kernels.productRound(out, this.v, this.w, this.n);
    const message: [Ext, Ext] = [getScalar(arena, out, 0), getScalar(arena, out, 1)];
    arena.release(mark);
    return message;
  }

  /** Binds the top variable to r. */
  bind(r: Ext): void {
    const { kernels, arena } = this.#prover;
    const v = this.#buffer(this.#spare.v);
    const w = this.#buffer(this.#spare.w);
    const mark = arena.mark();
    const scalar = putScalars(arena, [r]);
    if (this.#base) kernels.bindBase(v, this.v, this.n, scalar);
    else kernels.bindExt(v, this.v, 1, this.n, scalar);
    kernels.bindExt(w, this.w, 1, this.n, scalar);
    arena.release(mark);
    this.v = v;
    this.w = w;
    this.n /= 2;
    this.#base = false;
    this.#rounds++;
  }

  /** Room for n/2 elements: two buffers by turns, the second half as large as the first. */
  #buffer(spare: Ptr[]): Ptr {
    const turn = this.#rounds % 2;
    spare[turn] ??= this.#prover.arena.alloc((5 * this.n) / 2);
    return spare[turn];
  }
}

/** `rounds` sumcheck rounds on the top variable of the tables' sum; the challenges. Mirror of `verifyFold`. */
export function proveFold(
  prover: Prover,
  channel: ProverChannel,
  tables: readonly ProductTable[],
  rounds: number,
  grinding: number,
): Ext[] {
  const challenges: Ext[] = [];
  for (let i = 0; i < rounds; i++) {
    let [difference, square] = [ZERO, ZERO];
    for (const table of tables) {
      const message = table.message();
      difference = eAdd(difference, message[0]);
      square = eAdd(square, message[1]);
    }
    channel.send([difference, square]);
    channel.grind(grinding, prover);
    const r = channel.sample();
    for (const table of tables) table.bind(r);
    challenges.push(r);
  }
  return challenges;
}
