import type { Ext } from "../field/ext.ts";
import type { Prover, ProverChannel } from "../hash/proverChannel.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { getScalars, putScalars } from "./memory.ts";

/**
 * A sum Σ v·w over two extension vectors of n entries, bound variable by variable. The given vectors
 * are not changed; bound ones take turns in newly allocated buffers of n/2 and n/4 elements each.
 *
 * @example
 * ```ts
 * const table = new ProductTable(prover, v, w, 2 ** 20);
 * const challenges = proveFold(prover, channel, table, 7, 0);
 * console.log(table.n); // 2^13
 * ```
 */
export class ProductTable {
  readonly #prover: Prover;
  readonly #spare: { v: Ptr[]; w: Ptr[] } = { v: [], w: [] };
  #rounds = 0;

  constructor(
    prover: Prover,
    public v: Ptr,
    public w: Ptr,
    public n: number,
  ) {
    this.#prover = prover;
  }

  /** The round's message: h(1) − h(0) and the coefficient of X². */
  message(): Ext[] {
    const { kernels, arena } = this.#prover;
    const mark = arena.mark();
    const out = arena.alloc(10);
    kernels.productRound(out, this.v, this.w, this.n);
    const message = getScalars(arena, out, 2);
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
    kernels.bindExt(v, this.v, 1, this.n, scalar);
    kernels.bindExt(w, this.w, 1, this.n, scalar);
    arena.release(mark);
    this.v = v;
    this.w = w;
    this.n /= 2;
    this.#rounds++;
  }

  /** Room for n/2 elements: two buffers by turns, the second half as large as the first. */
  #buffer(spare: Ptr[]): Ptr {
    const turn = this.#rounds % 2;
    spare[turn] ??= this.#prover.arena.alloc((5 * this.n) / 2);
    return spare[turn];
  }
}

/** `rounds` sumcheck rounds on the table's top variables; the challenges. Mirror of `verifyFold`. */
export function proveFold(
  prover: Prover,
  channel: ProverChannel,
  table: ProductTable,
  rounds: number,
  grinding: number,
): Ext[] {
  const challenges: Ext[] = [];
  for (let i = 0; i < rounds; i++) {
    channel.send(table.message());
    channel.grind(grinding, prover);
    const r = channel.sample();
    table.bind(r);
    challenges.push(r);
  }
  return challenges;
}
