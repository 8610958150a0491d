import { expect, test } from "bun:test";
import { Arena } from "../../src/kernels/arena.ts";

test("a memory that cannot grow any more says so", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 128 });
  const arena = new Arena(memory, 0);
  arena.alloc(2 ** 20);
  const mark = arena.mark();
  expect(() => arena.alloc(2 ** 21)).toThrow(/memory: expected room for \d+ bytes beside \d+, found none/);
  expect(arena.mark()).toBe(mark);
});
