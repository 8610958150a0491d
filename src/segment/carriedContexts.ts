import { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { commitOracle, nameOracle, type SentOracle } from "../whir/commit.ts";
import { placeOracle } from "./placeOracle.ts";
import type { CarriedOracles } from "./prepareSegment.ts";
import type { ProvingKey } from "./provingKey.ts";

/**
 * The committed context before and after a segment, in two places of the arena that take turns: what one
 * segment commits as outgoing is the next one's incoming context, and is not encoded and hashed again.
 */
export class CarriedContexts {
  readonly #memory: WebAssembly.Memory;
  #into: SentOracle;
  /** Where `#into` lies, then the other place. */
  #places: readonly [Ptr, Ptr];

  /** Commits the empty context. */
  constructor({ prover, protocol }: ProvingKey) {
    const { arena } = prover;
    const shape = protocol.opening.oracles[1];
    this.#memory = arena.memory;
    const first = arena.mark();
    const words = placeOracle(prover, protocol.layouts[1], new Map());
    this.#into = nameOracle(prover, protocol.opening, 1, commitOracle(prover, words, shape));
    this.#places = [first, arena.alloc((arena.mark() - first) / 4)];
  }

  /** For the next segment. */
  carried(): CarriedOracles {
    return { into: this.#into, place: new Arena(this.#memory, this.#places[1]) };
  }

  /** The segment is proven: its outgoing context is the next one's incoming. */
  advance(out: SentOracle): void {
    this.#into = out;
    this.#places = [this.#places[1], this.#places[0]];
  }
}
