import type { Tensor } from "../air/air.ts";
import { completeTables } from "../air/tables.ts";
import type { Witness } from "../decode/witness.ts";
import type { Arena } from "../kernels/arena.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { countMultiplicities } from "../lookup/multiplicities.ts";
import { storedWords } from "../whir/shape.ts";
import { commitOracle, nameOracle, type SentOracle } from "../whir/commit.ts";
import { placeOracle, placePadded } from "./placeOracle.ts";
import { commitmentOf, type ProvingKey } from "./provingKey.ts";
import type { Commitment, SegmentStatement, Session } from "./statement.ts";
import { statementInputs } from "./verifySegmentProof.ts";

/** A segment laid out in the arena, ready to be proven. */
export interface PreparedSegment {
  readonly statement: SegmentStatement;
  /** Words of every tensor of the air. */
  readonly tables: ReadonlyMap<Tensor, Ptr>;
  /** The trace's words, not yet committed. */
  readonly trace: Ptr;
  readonly contextOut: SentOracle;
  readonly contextIn: SentOracle;
}

/** The contexts of a run, which outlive a segment: what one segment leaves is what the next one starts from. */
export interface CarriedOracles {
  /** The committed incoming context. */
  readonly into: SentOracle;
  /** Room for the outgoing context, its code and its tree. */
  readonly place: Arena;
}

/**
 * Commits the contexts, so that the statement is known, computes every virtual tensor from its
 * definition, and counts the lookups.
 *
 * @param witness the trace without multiplicities, and both contexts
 * @param stateWith the statement, given the outgoing context's commitment
 * @param carried commits both contexts anew if left out
 * @param known virtual tensors whose values the decoder has computed already
 */
export function prepareSegment(
  { protocol, prover, constants, stored }: ProvingKey,
  session: Session,
  witness: Witness,
  stateWith: (contextOut: Commitment, contextIn: Commitment) => SegmentStatement,
  carried?: CarriedOracles,
  known: Witness = new Map(),
): PreparedSegment {
  const { air, layouts, opening } = protocol;
  const trace = placeOracle(prover, layouts[0], witness, storedWords(opening.oracles[0]));
  const commit = (oracle: number, arena: Arena) => {
    const place = { ...prover, arena };
    const words = placeOracle(place, layouts[oracle], witness);
    // The place is full: whatever else is needed to open it lies elsewhere.
    const committed = { ...commitOracle(place, words, opening.oracles[oracle]), prover };
    return nameOracle(opening, oracle, committed);
  };
  const contextOut = commit(1, carried?.place ?? prover.arena);
  const contextIn = carried ? carried.into : commit(2, prover.arena);
  const statement = stateWith(commitmentOf(contextOut), commitmentOf(contextIn));

  const committed = new Map<Tensor, Ptr>(constants);
  const [out, into] = [contextOut.committed.values, contextIn.committed.values];
  [trace, out, into].forEach((words, oracle) => {
    for (const { tensor, offset } of layouts[oracle].places) committed.set(tensor, words + 4 * offset);
  });
  for (const [name, values] of known) {
    const tensor = air.tensors.get(name) as Tensor;
    committed.set(tensor, placePadded(prover, tensor, values));
  }
  const inputs = statementInputs(session, protocol, statement);
  const tables = completeTables(prover, air, committed, inputs, stored);
  countMultiplicities(prover.arena, air, tables);
  return { statement, tables, trace, contextOut, contextIn };
}
