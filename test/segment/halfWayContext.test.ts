import { describe, expect, test } from "bun:test";
import type { CarriedContext } from "../../src/decode/segmentWitness.ts";
import { MerkleTree } from "../../src/hash/merkleTree.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import type { PreparedSegment } from "../../src/segment/prepareSegment.ts";
import { CodeTable } from "../../src/whir/code.ts";
import { type Committed, commitOracle, nameOracle, type SentOracle } from "../../src/whir/commit.ts";
import { attackedModel } from "./attackedModel.ts";
import { forge, honestRun, quickProfile } from "./attacks.ts";
import { contextWords, shiftTwins } from "./chainRun.ts";

/*
 * DESIGN §5, trap 4. With few queries, as here, a prover can try until all of them fall where it is lucky.
 * A word between two contexts then passes as the one and as the other; the name's value tells them apart.
 */
describe("a context's root committed half-way between two contexts", () => {
  test("is read one way only", () => {
    const weak = { ...quickProfile, name: "weak", securityBits: 3 };
    const weakRun = honestRun(attackedModel(), { profile: weak, rows: 8 });
    const [, target] = weakRun.segments;
    const { prover, protocol } = weakRun.key;
    const shape = protocol.opening.oracles[2];
    console.log(`context queries: ${shape.queries}`);

    // Two contexts after the first segment: the honest one, and one in which nothing is read but a future block.
    const honest = target.contextIn;
    const forged = { keys: honest.keys.slice(), values: honest.values };
    forged.keys[forged.keys.length - 1] = 99;

    const open =
      (name: "contextIn", claimed: CarriedContext, read: CarriedContext) => (prepared: PreparedSegment) => {
        const place = (context: CarriedContext) =>
          commitOracle(prover, placeOracle(prover, protocol.layouts[2], contextWords(name, context)), shape);
        const [a, b] = [place(honest), place(forged)];
        const mixed = mixture(a, b);
        const at = (context: CarriedContext) => {
          const values = placeOracle(prover, protocol.layouts[2], contextWords(name, context));
          return nameOracle(protocol.opening, 2, { ...mixed, values });
        };
        const sent: SentOracle = { ...at(read), outOfDomain: at(claimed).outOfDomain };
        return { ...prepared, [name]: sent };
      };

    /** Half of the rows of the one codeword, half of the other's. */
    function mixture(a: Committed, b: Committed): Committed {
      const { columns, logRows } = a.code as CodeTable;
      const size = 2 ** logRows;
      const codeword = prover.arena.alloc(columns * size);
      const words = prover.arena.u32(codeword, columns * size);
      const [from, into] = [a, b].map(({ code }) =>
        prover.arena.u32((code as CodeTable).ptr, columns * size),
      );
      for (let k = 0; k < words.length; k++) words[k] = (k % size) % 4 < 2 ? from[k] : into[k];
      const tree = MerkleTree.build(prover, codeword, columns, logRows);
      const code = new CodeTable(prover.arena, codeword, columns, logRows);
      return { ...a, root: tree.root(), tree, code };
    }

    /** Whether the verifier accepts one of the tries, each with other challenges. */
    function accepted(read: CarriedContext, claimed: CarriedContext, tries: number): boolean {
      for (let k = 0; k < tries; k++) {
        const { verdict } = forge(
          weakRun,
          { ...target, contextIn: read },
          {
            words: (words) => shiftTwins(words, k),
            prepared: open("contextIn", claimed, read),
            statement: (statement) => ({
              ...statement,
              boundaryIn: { ...statement.boundaryIn, context: named(claimed) },
            }),
          },
        );
        if (verdict.ok) return true;
        expect(verdict.check).toBe("whir/final");
      }
      return false;
    }

    function named(context: CarriedContext) {
      const mark = prover.arena.mark();
      const sent = open("contextIn", context, context)({} as PreparedSegment).contextIn;
      const commitment = { root: [...sent.committed.root], value: sent.outOfDomain.value };
      prover.arena.release(mark);
      return commitment;
    }

    expect(named(honest).root).toEqual(named(forged).root);
    expect(named(honest).value).not.toEqual(named(forged).value);
    // One root, and each context passes under its own value …
    expect(accepted(honest, honest, 30)).toBe(true);
    expect(accepted(forged, forged, 30)).toBe(true);
    // … but neither under the other's, and the boundaries of neighbours must have the same one.
    expect(accepted(forged, honest, 12)).toBe(false);
  }, 240000);
});
