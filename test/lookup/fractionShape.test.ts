import { expect, test } from "bun:test";
import { AirBuilder } from "../../src/air/air.ts";
import { counter } from "../../src/air/publics.ts";
import { fractionShape } from "../../src/lookup/fractionShape.ts";
import { randomWords } from "../whir/fixtures.ts";

test("every lookup and every table has one place, aligned, beside the others, whatever their sizes", () => {
  const next = randomWords(7);
  const upTo = (limit: number) => next() % (limit + 1);
  for (let round = 0; round < 300; round++) {
    const axes = Object.fromEntries(Array.from({ length: 13 }, (_, log) => [`x${log}`, log]));
    const air = new AirBuilder(axes);
    const tables = 1 + upTo(5);
    for (let k = 0; k < tables; k++) {
      const log = upTo(12);
      air.public(`row${k}`, `x${log}`, counter(log));
      air.table("trace", `table${k}`, [`row${k}`]);
    }
    for (let k = upTo(20); k >= 0; k--) {
      air.committed("trace", `cell${k}`, `x${upTo(12)}`);
      air.lookup(`lookup${k}`, `table${upTo(tables - 1)}`, [`cell${k}`]);
    }
    const { trees } = fractionShape(air);
    const names = trees.flatMap(({ blocks }) => blocks.map(({ name }) => name));
    expect(names.sort()).toEqual([...air.lookups, ...air.tables].map(({ name }) => name).sort());
    for (const tree of trees) {
      let end = 0;
      for (const { offset, logSize } of tree.blocks) {
        expect(offset % 2 ** logSize).toBe(0);
        expect(offset).toBe(end);
        end = offset + 2 ** logSize;
      }
      expect(end).toBeLessThanOrEqual(2 ** tree.logLeaves);
    }
  }
});
