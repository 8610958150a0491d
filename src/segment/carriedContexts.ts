import type { CarriedContext } from "../decode/segmentWitness.ts";
import { fromInteger } from "../field/m31.ts";
import { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { commitOracle, nameOracle, type SentOracle, type WhirProver } from "../whir/commit.ts";
import { placeOracle } from "./placeOracle.ts";
import type { CarriedOracles } from "./prepareSegment.ts";
import type { SegmentProtocol } from "./protocol.ts";

/**
 * The committed context before and after a segment, in two places of the arena that take turns: what one
 * segment commits as outgoing is the next one's incoming context, and is not encoded and hashed again. A
 * segment of another run, or of one that is taken up again, starts from another context: that one is committed.
 */
export class CarriedContexts {
  #into: SentOracle;
  /** Where `#into` lies, then the other place. */
  #places: readonly [Ptr, Ptr];

  /** Commits the empty context. */
  constructor(
    readonly prover: WhirProver,
    readonly protocol: SegmentProtocol,
  ) {
    const { arena } = prover;
    const first = arena.mark();
    this.#into = this.#commit(arena, new Map());
    this.#places = [first, arena.alloc((arena.mark() - first) / 4)];
  }

  /** For a segment that starts from this context. */
  carried(context: CarriedContext): CarriedOracles {
    const tensors = new Map(Object.entries(context).map(([name, values]) => [`contextOut.${name}`, values]));
    if (!this.#holds(tensors)) this.#into = this.#commit(this.#arenaAt(0), tensors);
    return { into: this.#into, place: this.#arenaAt(1) };
  }

  /** The segment is proven: its outgoing context is the next one's incoming. */
  advance(out: SentOracle): void {
    this.#into = out;
    this.#places = [this.#places[1], this.#places[0]];
  }

  #arenaAt(place: 0 | 1): Arena {
    return new Arena(this.prover.arena.memory, this.#places[place]);
  }

  #commit(arena: Arena, tensors: ReadonlyMap<string, Int32Array>): SentOracle {
    const { opening, layouts } = this.protocol;
    const place = { ...this.prover, arena };
    const words = placeOracle(place, layouts[1], tensors);
    // The place is full: whatever else is needed to open it lies elsewhere.
    const committed = { ...commitOracle(place, words, opening.oracles[1]), prover: this.prover };
    return nameOracle(opening, 1, committed);
  }

  #holds(tensors: ReadonlyMap<string, Int32Array>): boolean {
    const { logSize, places } = this.protocol.layouts[1];
    const words = this.prover.arena.u32(this.#into.committed.values, 2 ** logSize);
    return places.every(({ tensor, offset }) =>
      tensors.get(tensor.name)?.every((value, k) => words[offset + k] === fromInteger(value)),
    );
  }
}
