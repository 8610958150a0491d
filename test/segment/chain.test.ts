import { beforeAll, describe, expect, test } from "bun:test";
import { modelIdOf, verifyChain } from "../../src/segment/verify.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { attackedModel } from "./attackedModel.ts";
import { forge, type HonestRun, type HonestSegment, honestRun, otherRun } from "./attacks.ts";
import { BEFORE, decode, openAs, PROMPT, rejected } from "./chainRun.ts";

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
    const claimed = forge(run, start, { prepared: openAs(run, "contextIn", first.contextIn) });
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
