import type { Tensor } from "../air/air.ts";
import { completeTables } from "../air/tables.ts";
import type { Witness } from "../decode/witness.ts";
import type { Ptr } from "../kernels/kernels.ts";
import { countMultiplicities } from "../lookup/multiplicities.ts";
import { commitOracle, nameOracle, type SentOracle } from "../whir/commit.ts";
import { placeOracle } from "./placeOracle.ts";
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

/**
 * Commits the contexts, so that the statement is known, computes every virtual tensor from its
 * definition, and counts the lookups.
 *
 * @param witness the trace without multiplicities, and both contexts
 * @param stateWith the statement, given the outgoing context's commitment
 */
export function prepareSegment(
  { protocol, prover, fixed }: ProvingKey,
  session: Session,
  witness: Witness,
  stateWith: (contextOut: Commitment, contextIn: Commitment) => SegmentStatement,
): PreparedSegment {
  const { air, layouts, opening } = protocol;
  const [trace, out, into] = [0, 1, 2].map((oracle) => placeOracle(prover, layouts[oracle], witness));
  const name = (oracle: number, words: Ptr) =>
    nameOracle(prover, opening, oracle, commitOracle(prover, words, opening.oracles[oracle]));
  const contextOut = name(1, out);
  const contextIn = name(2, into);
  const statement = stateWith(commitmentOf(contextOut), commitmentOf(contextIn));

  const committed = new Map<Tensor, Ptr>();
  [trace, out, into, fixed.committed.values].forEach((words, oracle) => {
    for (const { tensor, offset } of layouts[oracle].places) committed.set(tensor, words + 4 * offset);
  });
  const tables = completeTables(prover, air, committed, statementInputs(session, protocol, statement));
  countMultiplicities(prover.arena, air, tables);
  return { statement, tables, trace, contextOut, contextIn };
}
