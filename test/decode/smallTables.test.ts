import { describe, expect, test } from "bun:test";
import { rootRuns } from "../../src/decode/rootRuns.ts";
import { decodeRules } from "../../src/decode/rules.ts";
import { LOG_ROOTS } from "../../src/decode/tableRules.ts";
import { clamp16 } from "../../src/model/arithmetic.ts";
import { rsqrtTable } from "../../src/model/tables.ts";
import { tinyModel } from "../model/tinyModel.ts";

/** The rows of a table whose columns are public. */
function rowsOf(name: string): number[][] {
  const { tables } = decodeRules(tinyModel(), 2);
  const columns = tables
    .find((table) => table.name === name)
    ?.columns.map(({ source }) => {
      if (source.kind !== "public") throw new Error(`expected public columns, found ${source.kind}`);
      return source.definition.values({});
    }) as ArrayLike<number>[];
  return Array.from(columns[0], (_, row) => columns.map((column) => column[row]));
}

describe("tables smaller than their functions", () => {
  test("high and low, joined by the side, saturate every signed 17-bit number, in one way", () => {
    const low = rowsOf("low");
    const seen = new Map<number, number[]>();
    for (const [x1, high, side] of rowsOf("high"))
      for (const [x0, byte, lowSide] of low)
        if (lowSide === side) {
          const x = 256 * x1 + x0;
          seen.set(x, [...(seen.get(x) ?? []), 256 * high + byte]);
        }
    expect(seen.size).toBe(2 ** 17);
    for (let x = -(2 ** 16); x < 2 ** 16; x++)
      if (seen.get(x)?.some((y) => y !== clamp16(x))) expect([x, seen.get(x)]).toEqual([x, [clamp16(x)]]);
  });

  test("rsqrt: the runs are the table, and fit", () => {
    for (const bits of [13, 14, 15, 16, 17]) {
      const table = rsqrtTable(bits);
      const runs = rootRuns(table);
      expect(runs.length).toBeLessThanOrEqual(2 ** LOG_ROOTS);
      const found: number[] = [];
      for (const { first, last, root, large } of runs)
        for (let mu = first; mu <= last; mu++) {
          expect([mu, large]).toEqual([found.length, Number(mu >= 2 ** 14)]);
          found.push(root);
        }
      expect(found).toEqual([...table]);
    }
  });

  test("power: 4^f, whether f may be that of a large mean, 2^(7−f)", () => {
    const rows = new Set(rowsOf("power").map((row) => row.join()));
    const expected = Array.from({ length: 8 }, (_, f) => [4 ** f, 1, 2 ** (7 - f)].join());
    expect([...rows].sort()).toEqual(["1,0,128", ...expected].sort());
  });
});
