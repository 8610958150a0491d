import { describe, expect, test } from "bun:test";
import { Progress, type Screen } from "../../src/cli/progress.ts";
import type { SegmentEvent, StartEvent } from "../../src/session/events.ts";

class FakeScreen implements Screen {
  text = "";

  constructor(
    readonly isTTY: boolean,
    readonly columns = 100,
  ) {}

  write(text: string): void {
    this.text += text;
  }
}

const start = {
  type: "start",
  modelId: "ab".repeat(32),
  promptTokens: [1, 5, 6],
  promptText: "a b",
  tokens: 6,
  logSegment: 2,
  capacity: 64,
} as unknown as StartEvent;

const segment: SegmentEvent = {
  type: "segment",
  index: 0,
  tokens: 4,
  proofBytes: 2048,
  proveMs: 1500,
  rows: 4,
  cells: 1000,
  proof: new Uint8Array(0),
};

describe("progress", () => {
  test("on a terminal: one live line, which is erased before anything else is written", () => {
    const screen = new FakeScreen(true);
    const progress = new Progress(screen);
    progress.start(start);
    progress.token();
    progress.show();
    expect(screen.text).toContain("1/6 tokens decoded · 0/8 proven · proving segment 0");
    screen.text = "";
    progress.erase();
    progress.segment(segment);
    expect(screen.text).toBe("\x1b[J");
    progress.show();
    expect(screen.text).toContain("1/6 tokens decoded · 4/8 proven · proving segment 1 · proofs 2.0 KiB");
  });

  test("the live line fits the terminal", () => {
    const screen = new FakeScreen(true, 20);
    const progress = new Progress(screen);
    progress.start(start);
    screen.text = "";
    progress.show();
    const line = screen.text.split("\x1b[2K")[1]?.split("\x1b8")[0];
    expect(line).toBe("0/6 tokens decoded ");
  });

  test("elsewhere: plain lines", () => {
    const screen = new FakeScreen(false);
    const progress = new Progress(screen);
    progress.waiting("committing");
    progress.start(start);
    progress.token();
    progress.show();
    progress.segment(segment);
    progress.erase();
    expect(screen.text).toBe(
      `model ${"ab".repeat(32)}\nsegment 0: 4 tokens, 1000 cells, proof 2.0 KiB, 1.50 s\n`,
    );
  });
});
