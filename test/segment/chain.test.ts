import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { PublicDefinition } from "../../src/air/air.ts";
import { SegmentRecorder, type SegmentRows } from "../../src/decode/recorder.ts";
import { fixedTables } from "../../src/decode/fixedTables.ts";
import type { CarriedContext } from "../../src/decode/segmentWitness.ts";
import { add, sub } from "../../src/field/m31.ts";
import { MerkleTree } from "../../src/hash/merkleTree.ts";
import { Attention } from "../../src/model/attention.ts";
import { argmax, Decoder } from "../../src/model/decoder.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import type { PreparedSegment } from "../../src/segment/prepareSegment.ts";
import { type ChainVerdict, modelIdOf, verifyChain } from "../../src/segment/verify.ts";
import { type Committed, commitOracle, nameOracle, type SentOracle } from "../../src/whir/commit.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { attackedModel } from "./attackedModel.ts";
import { forge, type HonestRun, type HonestSegment, honestRun, otherRun, quickProfile } from "./attacks.ts";

const PROMPT = [1, 5, 3];
/** The positions before the last segment. */
const BEFORE = 8;

let run: HonestRun;
/** The same model and session, another prompt of the same length. */
let other: HonestRun;
let first: HonestSegment;
let second: HonestSegment;
let last: HonestSegment;
let proofs: Uint8Array[];

beforeAll(() => {
  run = honestRun(attackedModel());
  other = otherRun(run, [2, 7, 4], 10);
  [first, second, last] = run.segments;
  proofs = run.segments.map(({ proof }) => proof);
});

const chain = (list: readonly Uint8Array[]) => verifyChain(run.session, list, modelIdOf(run.session));

function rejected(verdict: ChainVerdict, segment: number | null, check: string): void {
  expect(verdict).toMatchObject({ ok: false, segment, check });
}

interface Decoding {
  readonly choose?: (position: number, logits: Int32Array, choice: number) => number;
  readonly before?: (position: number, decoder: Decoder) => void;
  readonly decoder?: Decoder;
}

/** Like `decodeSegments`, by a decoder that may be led astray. */
function decode(
  model: IntegerModel,
  prompt: readonly number[],
  rows: number,
  how: Decoding = {},
): SegmentRows[] {
  const decoder = how.decoder ?? new Decoder(model);
  const recorder = new SegmentRecorder(model.config, 2);
  const segments: SegmentRows[] = [];
  let choice = 0;
  for (let position = 0; position < rows; position++) {
    how.before?.(position, decoder);
    const token = position < prompt.length ? prompt[position] : choice;
    choice = decoder.step(token, recorder.sink);
    choice = how.choose?.(position, decoder.logits, choice) ?? choice;
    recorder.push(token, choice);
    if (recorder.isFull) segments.push(recorder.take());
  }
  if (!recorder.isEmpty) segments.push(recorder.take());
  return segments;
}

/** The index of the second-largest logit. */
function secondBest(logits: Int32Array): number {
  const best = argmax(logits);
  return argmax(logits.map((logit, v) => (v === best ? -(2 ** 31) : logit)));
}

describe("a chain", () => {
  test("is accepted as it was proven, both runs", () => {
    expect(chain(proofs)).toMatchObject({ ok: true, segments: 3 });
    expect(chain(other.segments.map(({ proof }) => proof))).toMatchObject({ ok: true, segments: 3 });
    // A beginning of a run is a run.
    expect(chain(proofs.slice(0, 2))).toMatchObject({ ok: true, segments: 2 });
  });

  test("of segments swapped, repeated or dropped is rejected", () => {
    const [a, b, c] = proofs;
    rejected(chain([b, a, c]), 0, "incoming boundary");
    rejected(chain([a, c, b]), 1, "incoming boundary");
    rejected(chain([a, a, b, c]), 1, "incoming boundary");
    rejected(chain([a, b, b, c]), 2, "incoming boundary");
    rejected(chain([a, b, c, c]), 3, "incoming boundary");
    rejected(chain([b, c]), 0, "incoming boundary");
    rejected(chain([a, c]), 1, "incoming boundary");
    rejected(chain([]), null, "segments");
  });

  test("with a segment of another prompt's run, or glued from two halves, is rejected", () => {
    const theirs = other.segments.map(({ proof }) => proof);
    rejected(chain([proofs[0], theirs[1], proofs[2]]), 1, "incoming boundary");
    rejected(chain([proofs[0], proofs[1], theirs[2]]), 2, "incoming boundary");
    rejected(chain([theirs[0], proofs[1], proofs[2]]), 1, "incoming boundary");
  });

  test("with a segment of another model is rejected, and so is the model itself if the id is pinned", () => {
    const model = tinyModel({ layers: 3, dim: 24, heads: 6, kvHeads: 3, hidden: 12, vocab: 13, seed: 2 });
    const foreign = honestRun(model, { rows: 8 });
    const theirs = foreign.segments.map(({ proof }) => proof);
    expect(verifyChain(foreign.session, theirs)).toMatchObject({ ok: true });
    rejected(verifyChain(foreign.session, theirs, modelIdOf(run.session)), null, "model id");
    rejected(chain([theirs[0], proofs[1], proofs[2]]), 0, "lookup/layer");
    rejected(chain([proofs[0], theirs[1], proofs[2]]), 1, "incoming boundary");
  });

  test("that continues a shortened segment is rejected", () => {
    const [, rows] = decode(run.model, PROMPT, 6);
    const short = forge(run, { ...second, rows }, { incoming: true });
    expect(short.verdict.ok).toBe(true);
    expect(chain([proofs[0], short.proof])).toMatchObject({ ok: true, segments: 2 });
    rejected(chain([proofs[0], short.proof, proofs[2]]), 2, "incoming boundary");
    // continued from within the segment, with the rows that really follow
    const { boundaryOut } = short.statement;
    const continued = forge(run, last, {
      statement: (honest) => ({
        ...honest,
        boundaryIn: boundaryOut,
        boundaryOut: { ...honest.boundaryOut, position: boundaryOut.position + 2 },
      }),
    });
    rejected(chain([proofs[0], short.proof, continued.proof]), 2, "statement/incoming position");
    // or with the short segment passed off as a full one
    const padded = forge(
      run,
      { ...second, rows },
      {
        statement: (honest) => ({ ...honest, boundaryOut: { ...honest.boundaryOut, position: BEFORE } }),
      },
    );
    rejected(chain([proofs[0], padded.proof, proofs[2]]), 1, "statement/outgoing position");
  });

  test("that does not start from the empty context at position 0 is rejected", () => {
    rejected(chain(proofs.slice(1)), 0, "incoming boundary");
    // a context with something in its last block, which the first rows cannot see
    const keys = first.contextIn.keys.slice();
    keys[keys.length - 1] = 7;
    const start = { ...first, contextIn: { ...first.contextIn, keys } };
    const forgery = forge(run, start, {
      statement: (honest, context) => ({ ...honest, boundaryIn: { ...honest.boundaryIn, context } }),
    });
    expect(forgery.verdict).toMatchObject({ ok: false, check: "incoming boundary" }); // position 0 has one boundary
    rejected(chain([forgery.proof]), 0, "incoming boundary");
    const claimed = forge(run, start, { prepared: openAs("contextIn", first.contextIn) });
    rejected(chain([claimed.proof]), 0, "whir/final");
  });

  test("whose next segment does not consume the pending token is rejected", () => {
    const rows = {
      ...second.rows,
      tokens: [(second.rows.tokens[0] + 1) % 13, ...second.rows.tokens.slice(1)],
    };
    const forgery = forge(run, { ...second, rows });
    rejected(chain([proofs[0], forgery.proof]), 1, "statement/pending token");
    const stated = forge(
      run,
      { ...second, rows },
      {
        statement: (honest) => ({
          ...honest,
          boundaryIn: { ...honest.boundaryIn, pendingToken: rows.tokens[0] },
        }),
      },
    );
    rejected(chain([proofs[0], stated.proof]), 1, "incoming boundary");
  });
});

describe("a prover that", () => {
  test("emits the second-best token, and consumes it, is rejected", () => {
    for (const at of [2, 5, 7]) {
      const parts = decode(run.model, PROMPT, 8, {
        choose: (position, logits, choice) => (position === at ? secondBest(logits) : choice),
      });
      const segment = at < 4 ? first : second;
      const { verdict, broken } = forge(
        run,
        { ...segment, rows: parts[at < 4 ? 0 : 1] },
        { incoming: true, explain: true },
      );
      expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
      expect(broken).toEqual(expect.arrayContaining(["lead1 < 2^14"]));
    }
  });

  test("breaks a tie towards the higher index is rejected", () => {
    const model = attackedModel();
    const [rows] = decode(model, PROMPT, 4);
    const { dim, vocab } = model.config;
    const best = rows.choices[2];
    const twin = (best + 1) % vocab; // two equal rows of the head: equal logits everywhere
    const head = model.weights.head.slice();
    head.set(head.subarray(best * dim, (best + 1) * dim), twin * dim);
    const tied = { ...model, weights: { ...model.weights, head } };
    const tiedRun = honestRun(tied, { rows: 4 });
    const [segment] = tiedRun.segments;
    expect(verifyChain(tiedRun.session, [segment.proof])).toMatchObject({ ok: true });
    const [low, high] = [Math.min(best, twin), Math.max(best, twin)];
    expect(segment.rows.choices[2]).toBe(low);
    const [wrong] = decode(tied, PROMPT, 4, {
      choose: (position, _, choice) => (position === 2 ? high : choice),
    });
    const { verdict, broken } = forge(
      tiedRun,
      { ...segment, rows: wrong },
      { incoming: true, explain: true },
    );
    expect(verdict).toMatchObject({ ok: false, check: "lookup/sum" });
    expect(broken).toContain("lead1 < 2^14");
  });

  describe("attends to a future position", () => {
    const { attend } = Attention.prototype;
    afterEach(() => {
      Attention.prototype.attend = attend;
    });

    const prompt = [1, 5, 3, 8, 2, 6, 9];

    /** Row 4 sees position 5, in these layers. As position 5 sees what row 4 made of it, this takes some rounds. */
    function peeking(layers: readonly number[]): SegmentRows {
      const decoder = new Decoder(run.model);
      decode(run.model, prompt, 8, { decoder });
      Attention.prototype.attend = function (q, context, layer, position) {
        attend.call(this, q, context, layer, layers.includes(layer) && position === 4 ? 5 : position);
      };
      let parts: SegmentRows[] = [];
      for (let round = 0; round <= layers.length; round++) {
        decoder.rewind(0);
        parts = decode(run.model, prompt, 8, { decoder });
      }
      return parts[1];
    }

    test("is rejected", () => {
      const longer = otherRun(run, prompt, 8);
      const rows = peeking([2]);
      const { verdict, broken } = forge(
        longer,
        { ...longer.segments[1], rows },
        { incoming: true, explain: true },
      );
      expect(broken).toEqual(["hidden"]);
      expect(verdict).toMatchObject({ ok: false, check: "sumcheck/hidden" });
    });

    test("is rejected too if the prover's own mask lets it, so that nothing is broken in its eyes", () => {
      const longer = otherRun(run, prompt, 8);
      const rows = peeking([0, 1, 2]);
      const visible = run.key.protocol.air.tensors.get("visible")?.source as { definition: PublicDefinition };
      const { definition } = visible;
      visible.definition = {
        ...definition,
        values: (inputs) => {
          const values = Uint8Array.from(definition.values(inputs));
          values[5] = 1; // row 0 of the segment, position 5
          return values;
        },
      };
      try {
        const { verdict, broken } = forge(
          longer,
          { ...longer.segments[1], rows },
          { incoming: true, explain: true },
        );
        expect(broken).toEqual([]);
        expect(verdict).toMatchObject({ ok: false, check: "sumcheck/hidden" });
      } finally {
        visible.definition = definition;
      }
    });
  });

  describe("forges a past K or V row", () => {
    /** The last segment's rows, decoded with another key at position 2 of layer 1. */
    function forgedRows(): { rows: SegmentRows; contextIn: CarriedContext } {
      const { kvHeads, headDim, capacity } = run.model.config;
      const width = kvHeads * headDim;
      const parts = decode(run.model, PROMPT, 10, {
        before: (position, decoder) => {
          if (position === BEFORE) decoder.context.keys[(capacity + 2) * width] = 1500;
        },
      });
      const keys = last.contextIn.keys.slice();
      const { logs } = run.key.protocol.air.tensors.get("contextOut.keys") ?? { logs: [] };
      const size = logs.slice(3).reduce((cells, log) => cells * 2 ** log, 1);
      keys[(2 * 2 ** logs[2] + 1) * size] = 1500; // block 0, place 2, layer 1
      return { rows: parts[2], contextIn: { keys, values: last.contextIn.values } };
    }

    const consumed = ({ rows }: { rows: SegmentRows }) => ({ ...rows, tokens: last.rows.tokens });

    test("under its honest name: rejected by the opening", () => {
      const forged = forgedRows();
      const segment = { ...last, ...forged, rows: consumed(forged) };
      const { verdict, broken } = forge(run, segment, {
        incoming: true,
        explain: true,
        prepared: openAs("contextIn", last.contextIn),
      });
      expect(broken).toEqual([]);
      expect(verdict).toMatchObject({ ok: false, check: "whir/final" });
    });

    test("under its own name: rejected by the chain", () => {
      const forged = forgedRows();
      const { verdict, proof } = forge(
        run,
        { ...last, ...forged, rows: consumed(forged) },
        {
          statement: (honest, context) => ({ ...honest, boundaryIn: { ...honest.boundaryIn, context } }),
        },
      );
      expect(verdict.ok).toBe(true); // true of the boundary that it names
      rejected(chain([proofs[0], proofs[1], proof]), 2, "incoming boundary");
    });

    test("in the outgoing context only: rejected by the rules", () => {
      const forged = forgedRows();
      const { verdict, broken } = forge(
        run,
        { ...last, ...forged, rows: consumed(forged) },
        {
          incoming: true,
          explain: true,
          witness: (witness) => witness.set("contextIn.keys", last.contextIn.keys.slice()),
        },
      );
      expect(broken).toEqual(["carried.keys"]);
      expect(verdict).toMatchObject({ ok: false, check: "claim/carried.keys" });
    });
  });

  test("commits other weights and claims the honest root is rejected", () => {
    const wq = run.model.weights.wq.slice();
    wq[run.model.config.dim ** 2 + 1] += 1;
    const model = { ...run.model, weights: { ...run.model.weights, wq } };
    const [rows] = decode(model, PROMPT, 4);
    const { prover, protocol, fixed } = run.key;
    const mark = prover.arena.mark();
    const words = placeOracle(prover, protocol.layouts[3], fixedTables(model, protocol.air));
    const committed = commitOracle(prover, words, protocol.opening.oracles[3]);
    const { root } = fixed.committed;
    const { outOfDomain, outOfDomainColumns } = nameOracle(prover, protocol.opening, 3, {
      ...committed,
      root,
    });
    for (const claim of [outOfDomain, fixed.outOfDomain]) {
      const key = {
        ...run.key,
        fixed: { committed: { ...committed, root }, outOfDomain: claim, outOfDomainColumns },
      };
      const { verdict, broken } = forge(
        { ...run, key },
        { ...first, rows },
        { incoming: true, explain: true },
      );
      expect(broken).toEqual([]);
      expect(verdict).toMatchObject({ ok: false, check: "whir/fixed/row" });
    }
    prover.arena.release(mark);
  });

  test("takes a generated row for the prompt's is rejected", () => {
    // With a prompt of five tokens, the tokens at 3 and 4 could be anything.
    const session = { ...run.session, promptLength: 5 };
    const prompt = [...PROMPT, (first.rows.choices[2] + 1) % 13, 0];
    const [rows] = decode(run.model, prompt, 4);
    const forgery = forge(run, { ...first, rows }, { session });
    expect(forgery.statement.boundaryOut.pendingToken).toBe(0xffffffff);
    rejected(chain([forgery.proof]), 0, "statement/outgoing pending token");
    const pending = forge(
      run,
      { ...first, rows },
      {
        session,
        statement: (honest) => ({ ...honest, boundaryOut: { ...honest.boundaryOut, pendingToken: 0 } }),
      },
    );
    rejected(chain([pending.proof]), 0, "lookup/layer");
    // The honest second segment, proven for another prompt length.
    const shifted = forge(run, second, { session: { ...run.session, promptLength: 2 } });
    rejected(chain([proofs[0], shifted.proof]), 1, "lookup/layer");
  });

  test("makes a dead row live, or a live one dead, is rejected", () => {
    const [, , three] = decode(run.model, PROMPT, 11);
    const hidden = forge(
      run,
      { ...last, rows: three },
      {
        incoming: true,
        explain: true,
        // three rows at work, two of them stated
        statement: (honest) => ({
          ...honest,
          tokens: last.statement.tokens,
          boundaryOut: { ...last.statement.boundaryOut, context: honest.boundaryOut.context },
        }),
      },
    );
    expect(hidden.verdict.ok).toBe(false);
    expect(hidden.broken).toContain("attentionNorm.square");
    const absent = forge(run, last, {
      incoming: true,
      explain: true,
      statement: (honest) => ({
        ...honest,
        tokens: [...honest.tokens, honest.boundaryOut.pendingToken],
        boundaryOut: { ...honest.boundaryOut, position: BEFORE + 3 },
      }),
    });
    expect(absent.verdict.ok).toBe(false);
  });
});

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
          return nameOracle(prover, protocol.opening, 2, { ...mixed, values });
        };
        const sent: SentOracle = { ...at(read), outOfDomain: at(claimed).outOfDomain };
        return { ...prepared, [name]: sent };
      };

    /** Half of the rows of the one codeword, half of the other's. */
    function mixture(a: Committed, b: Committed): Committed {
      const size = 2 ** a.logRows;
      const codeword = prover.arena.alloc(a.columns * size);
      const words = prover.arena.u32(codeword, a.columns * size);
      const [from, into] = [a, b].map((part) => prover.arena.u32(part.codeword, a.columns * size));
      for (let k = 0; k < words.length; k++) words[k] = (k % size) % 4 < 2 ? from[k] : into[k];
      const tree = MerkleTree.build(prover, codeword, a.columns, a.logRows);
      return { ...a, root: tree.root(), tree, codeword };
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

/** Moves `count`, modulo p, between two equal rows of the power table: another transcript of the same truth. */
function shiftTwins(words: (name: string) => Uint32Array, count: number): void {
  const counts = words("power.multiplicity");
  const twin = counts.length - 1;
  counts[0] = sub(counts[0], count);
  counts[twin] = add(counts[twin], count);
}

function contextWords(name: string, { keys, values }: CarriedContext): Map<string, Int32Array> {
  return new Map([
    [`${name}.keys`, keys],
    [`${name}.values`, values],
  ]);
}

/** Opens the honest commitment to a context with the words at hand. */
function openAs(name: "contextIn", honest: CarriedContext): (prepared: PreparedSegment) => PreparedSegment {
  return (prepared) => {
    const { prover, protocol } = run.key;
    const words = placeOracle(prover, protocol.layouts[2], contextWords(name, honest));
    const sent = nameOracle(
      prover,
      protocol.opening,
      2,
      commitOracle(prover, words, protocol.opening.oracles[2]),
    );
    return {
      ...prepared,
      [name]: { ...sent, committed: { ...sent.committed, values: prepared[name].committed.values } },
    };
  };
}
