import { describe, expect, test } from "bun:test";
import { TextLineStream } from "../../src/streams/mod.ts";

function streamOf<T>(items: readonly T[]): ReadableStream<T> {
  let at = 0;
  return new ReadableStream<T>({
    pull(controller) {
      if (at === items.length) controller.close();
      else controller.enqueue(items[at++] as T);
    },
  });
}

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("TextLineStream", () => {
  const cases: [string[], string[]][] = [
    [["a\nb\n"], ["a", "b"]],
    [["a\r\nb"], ["a", "b"]],
    [
      ["a", "b\n", "", "\nc"],
      ["ab", "", "c"],
    ],
    [
      ["a\r", "\nb"],
      ["a", "b"],
    ],
    [[], []],
    [["\n\n"], ["", ""]],
  ];
  for (const [chunks, lines] of cases) {
    test(JSON.stringify(chunks), async () => {
      expect(await collect(streamOf(chunks).pipeThrough(new TextLineStream()))).toEqual(lines);
    });
  }
});
