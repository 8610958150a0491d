import { beforeAll, describe, expect, test } from "bun:test";
import type { Tensor } from "../../src/air/air.ts";
import { fixedTables } from "../../src/decode/fixedTables.ts";
import type { Witness } from "../../src/decode/witness.ts";
import { P } from "../../src/field/m31.ts";
import { requant } from "../../src/model/arithmetic.ts";
import { meanShiftFor } from "../../src/model/config.ts";
import type { IntegerModel, Weights } from "../../src/model/integerModel.ts";
import { normOf } from "../../src/model/norm.ts";
import { isRotary, LLAMA } from "../../src/model/options.ts";
import type { Sampler } from "../../src/model/sampler.ts";
import type { Tables } from "../../src/model/tables.ts";
import type { PreparedSegment } from "../../src/segment/prepareSegment.ts";
import { commitOracle, nameOracle } from "../../src/whir/commit.ts";
import { placeOracle } from "../../src/segment/placeOracle.ts";
import { GPT2, type TinyOptions } from "../model/tinyModel.ts";
import { attackedModel, attackedSampler, COARSER } from "./attackedModel.ts";
import {
  type Cheat,
  cellOf,
  forge,
  type Forgery,
  type HonestRun,
  type HonestSegment,
  honestRun,
  Report,
} from "./attacks.ts";
import { decodeSegments } from "./tinyRun.ts";

/*
 * Generated from the air: every committed tensor is changed in one cell, the prover is otherwise honest,
 * and the proof must be rejected. What survives is an unconstrained cell, and must be listed here.
 */

const PADDING = {
  "power.multiplicity: moved between equal rows": "the table's padding repeats its first row",
  "rsqrt.multiplicity: moved between equal rows": "the table's padding repeats its first row",
  "low.multiplicity: moved between equal rows": "the table's padding repeats its first rows",
};

const GREEDY = {
  "top: prompt row +1": "a prompt row chooses nothing: top may be any bound of its logits",
  "top: dead row +1": "a dead row chooses nothing",
  ...PADDING,
};

/**
 * Kinds of models that have every option among them, the two ways to choose, and the mutations that may survive, and
 * why: they change nothing that a statement says.
 */
const RULES: readonly [string, TinyOptions, Sampler | undefined, Readonly<Record<string, string>>][] = [
  ["Llama's kind, greedy", LLAMA, undefined, GREEDY],
  ["GPT-2's kind, greedy", GPT2, undefined, GREEDY],
  [
    "a gate, all biases and coarser steps, sampled",
    COARSER,
    attackedSampler,
    {
      ...PADDING,
      "excess.multiplicity: moved between equal rows": "so does this table's last row",
      "isTop: padded v +1": "only a word can be the top: elsewhere isTop counts for nothing",
    },
  ],
];

let run: HonestRun;
/** The first segment: two prompt rows, two generated ones. */
let first: HonestSegment;
/** Two live rows, two dead ones; all generated. */
let last: HonestSegment;
let report: Report;
let survivors: string[];

function judge(name: string, change: string, segment: HonestSegment, cheat: Cheat): Forgery {
  const forgery = forge(run, segment, { incoming: true, explain: true, ...cheat });
  const { verdict, broken } = forgery;
  report.add(name, change, verdict.ok ? "none" : verdict.check, broken.join(", "));
  if (verdict.ok) survivors.push(`${name}: ${change}`);
  return forgery;
}

function committed(oracle: string): Tensor[] {
  return (
    run.key.protocol.layouts.find((layout) => layout.oracle === oracle)?.places.map(({ tensor }) => tensor) ??
    []
  );
}

const isMultiplicity = ({ name }: Tensor) => name.endsWith(".multiplicity");

/** A cell of every kind that the tensor has, in the last segment; axes that are not named are at 1. */
function places({ axes, logs }: Tensor): { place: string; at: Record<string, number> }[] {
  const { config } = run.model;
  const real: Record<string, number> = {
    l: config.layers,
    i: config.dim,
    kv: config.kvHeads,
    g: config.heads / config.kvHeads,
    f: config.hidden,
    v: config.vocab,
  };
  const live = Object.fromEntries(axes.map((axis, k) => [axis, logs[k] === 0 || axis === "b" ? 0 : 1]));
  const found = [{ place: "live", at: live }];
  if (axes.includes("t")) found.push({ place: "dead row", at: { ...live, t: 3 } });
  if (axes.includes("j")) found.push({ place: "masked", at: { ...live, b: 3 } });
  axes.forEach((axis, k) => {
    if (real[axis] < 2 ** logs[k])
      found.push({ place: `padded ${axis}`, at: { ...live, [axis]: 2 ** logs[k] - 1 } });
  });
  return found;
}

const raise =
  (name: string, cell: number, by = 1) =>
  (witness: Witness) => {
    (witness.get(name) as Int32Array)[cell] += by;
  };

describe.each(RULES)("mutation, %s choice", (_, options, sampler, free) => {
  beforeAll(() => {
    run = honestRun(attackedModel(options), { sampler });
    first = run.segments[0];
    last = run.segments[2];
    report = new Report(["tensor", "place and change", "check", "rules that it breaks"]);
    survivors = [];
  });

  test("every trace tensor, one cell of each kind", () => {
    for (const tensor of committed("trace")) {
      if (isMultiplicity(tensor)) continue;
      for (const { place, at } of places(tensor))
        judge(tensor.name, `${place} +1`, last, { witness: raise(tensor.name, cellOf(tensor, at)) });
      if (tensor.axes.includes("t"))
        judge(tensor.name, "prompt row +1", first, { witness: raise(tensor.name, cellOf(tensor, { t: 0 })) });
    }
  }, 120000);

  test("every tuple of committed cells, replaced by another row of its table", () => {
    const { air } = run.key.protocol;
    for (const { name, table, entries } of air.lookups) {
      if (entries.length < 2) continue;
      const columns = table.columns.map((column) => valuesOf(column));
      const cell = cellOf(entries[0], { t: 1 });
      judge(name, "another row of the table", last, {
        witness: (witness) => {
          const set = (row: number) =>
            entries.forEach(({ name, source }, c) => {
              const block = (size: number) => (last.rows.position / 2 ** run.session.logSegment) * size;
              if (name.startsWith("new.")) {
                const { logSize } = air.tensors.get(name) as Tensor;
                const out = witness.get(name.replace("new", "contextOut")) as Int32Array;
                out[block(2 ** logSize) + cell] = columns[c][row];
              } else if (source.kind === "committed")
                (witness.get(name) as Int32Array)[cell] = columns[c][row];
            });
          const argument = witness.get(entries[0].name)?.[cell];
          const row = argument === undefined ? 0 : columns[0].indexOf(argument);
          set(row > 0 ? row - 1 : row + 1);
        },
      });
    }
  }, 240000);

  test("every multiplicity", () => {
    const { air } = run.key.protocol;
    for (const { name, columns, multiplicity } of air.tables) {
      for (const used of [true, false]) {
        const change = `${used ? "used" : "unused"} row +1`;
        judge(multiplicity.name, change, last, {
          words: (words) => {
            const counts = words(multiplicity.name);
            const row = counts.findIndex((count) => count > 0 === used);
            counts[row < 0 ? 0 : row]++;
          },
        });
      }
      const rows = columns.map((column) => valuesOf(column));
      const twin = rows[0].findLastIndex((_, k) => rows.every((column) => column[k] === column[0]));
      if (twin > 0)
        judge(multiplicity.name, "moved between equal rows", last, {
          words: (words) => {
            words(`${name}.multiplicity`)[0]--;
            words(`${name}.multiplicity`)[twin]++;
          },
        });
    }
  }, 240000);

  test("every context tensor, in every class of cells", () => {
    for (const tensor of committed("contextOut")) {
      const [, kind] = tensor.name.split(".");
      const classes = {
        past: { b: 1, j: 1 },
        new: { b: 2, j: 1 },
        "new, dead": { b: 2, j: 3 },
        future: { b: 3, j: 1 },
      };
      for (const [place, at] of [...Object.entries(classes), ["padded", { b: 1, l: 3 }]] as const) {
        const cell = cellOf(tensor, at);
        const out = raise(`contextOut.${kind}`, cell);
        const into = raise(`contextIn.${kind}`, cell);
        judge(tensor.name, `${place} +1`, last, { witness: out });
        judge(`contextIn.${kind}`, `${place} +1`, last, { witness: into, prepared: claimHonest(2) });
        judge(`contextIn.${kind}`, `${place} +1, outgoing too`, last, {
          witness: (witness) => {
            out(witness);
            into(witness);
          },
          prepared: claimHonest(2),
        });
      }
    }
  }, 240000);

  test("every fixed tensor: a cell that this segment uses, and one that it does not", () => {
    const { air } = run.key.protocol;
    const counts = new Map<Tensor, Uint32Array>();
    forge(run, last, {
      words: (words) => {
        for (const { multiplicity } of air.tables) counts.set(multiplicity, words(multiplicity.name).slice());
      },
    });
    for (const tensor of committed("fixed")) {
      const table = air.tables.find(({ columns }) => columns.includes(tensor));
      const looked = table && counts.get(table.multiplicity);
      const used = looked
        ? looked.findIndex((count) => count > 0)
        : cellOf(tensor, { l: 1, i: 1, f: 1, v: 1, b: 2 });
      const unused = looked ? looked.lastIndexOf(0) : 2 ** tensor.logSize - 1;
      for (const [place, cell] of [
        ["used", used],
        ["unused", unused],
      ] as const)
        judge(tensor.name, `${place} +1`, last, {
          fixed: (words) => {
            words(tensor.name)[cell] = (words(tensor.name)[cell] + 1) % P;
          },
        });
    }
  }, 120000);

  test("other weights or tables, in one cell, by a prover that is consistent in it", () => {
    for (const [name, other] of otherModels(run.model)) {
      const [rows] = decodeSegments(other, run.session.logSegment, [1, 5, 3], 4, sampler);
      const tables = fixedTables(other, run.key.protocol.air);
      const { verdict, broken } = judge(
        name,
        "one cell, used consistently",
        { ...first, rows },
        {
          model: other,
          fixed: (words) => {
            const { prover, protocol } = run.key;
            const all = placeOracle(prover, protocol.layouts[3], tables);
            for (const { tensor, offset } of protocol.layouts[3].places)
              words(tensor.name).set(prover.arena.u32(all + 4 * offset, 2 ** tensor.logSize));
          },
        },
      );
      expect([name, broken, verdict.ok]).toEqual([name, [], false]);
    }
  }, 120000);

  test("nothing survives but what is free", () => {
    report.print();
    console.log(`mutations: ${report.size}; by check:`, report.counts(2));
    expect(survivors.toSorted()).toEqual(Object.keys(free).toSorted());
  });
});

function valuesOf(tensor: Tensor): number[] {
  const { source, name, logSize } = tensor;
  if (source.kind === "public") return Array.from(source.definition.values({}));
  const { places } = run.key.protocol.layouts[3];
  const offset = places.find((place) => place.tensor.name === name)?.offset as number;
  const words = run.key.prover.arena.u32(run.key.fixed.committed.values + 4 * offset, 2 ** logSize);
  return Array.from(words, (word) => (word > P / 2 ? word - P : word));
}

/** Opens an oracle's honest commitment with the words at hand. */
function claimHonest(oracle: 2): (prepared: PreparedSegment) => PreparedSegment {
  return (prepared) => {
    const { prover, protocol } = run.key;
    const honest = new Map([
      ["contextIn.keys", last.contextIn.keys],
      ["contextIn.values", last.contextIn.values],
    ]);
    const words = placeOracle(prover, protocol.layouts[oracle], honest);
    const sent = nameOracle(
      protocol.opening,
      oracle,
      commitOracle(prover, words, protocol.opening.oracles[oracle]),
    );
    const { values } = prepared.contextIn.committed;
    return { ...prepared, contextIn: { ...sent, committed: { ...sent.committed, values } } };
  };
}

/** Models that differ in one weight, or one entry of a table, that the first segment uses. */
function otherModels(model: IntegerModel): [string, IntegerModel][] {
  const { dim, vocab, headDim } = model.config;
  const cells: Record<keyof Weights, number> = {
    embedding: 5 * dim,
    positions: dim,
    wq: dim * dim + 1,
    wk: dim * (dim / 2) + 1,
    wv: dim * (dim / 2) + 1,
    wo: dim * dim + 1,
    gate: 1,
    up: 1,
    down: 1,
    head: dim * (vocab - 1),
  };
  const change = <T extends { [index: number]: number; slice(): T }>(values: T, cell: number): T => {
    const changed = values.slice();
    changed[cell] += 1;
    return changed;
  };
  const weights = (Object.keys(cells) as (keyof Weights)[])
    .filter((name) => model.weights[name].length > 0)
    .map((name): [string, IntegerModel] => [
      name,
      { ...model, weights: { ...model.weights, [name]: change(model.weights[name], cells[name]) } },
    ]);
  // of the second layer; bHead's of the seventh word
  const biases = model.config.biases.map((name): [string, IntegerModel] => [
    name,
    {
      ...model,
      biases: { ...model.biases, [name]: change(model.biases[name], model.biases[name].length >> 1) },
    },
  ]);
  // entries that the first row or rows look up
  const { events } = first.rows;
  const u = events.u.find((value) => value > 0 && value < 65535) as number;
  const gate = requant(events.accGate[0], model.shifts.gate) + 2 ** 15;
  const { mu } = normOf(events.h.subarray(0, dim), meanShiftFor(dim), model.tables.rsqrt);
  const angle = headDim / 2; // of position 1
  const table = (name: keyof Tables, cell: number): [string, IntegerModel] => [
    name,
    { ...model, tables: { ...model.tables, [name]: change(model.tables[name] as Int16Array, cell) } },
  ];
  const tables = [
    table("exp", u),
    table("activation", gate),
    table("rsqrt", mu),
    ...(isRotary(model.config) ? [table("cos", angle), table("sin", angle)] : []),
  ];
  return [...weights, ...biases, ...tables];
}
