import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";

/** What the verifier of `hostileSession.ts` may take for two verdicts, in ms, and for all of them. */
const PATIENCE = 4000;
const TOTAL = 20000;

/** Runs the program and returns the sessions that got no verdict, or not the one they deserve. */
function misjudged(kind: string): { count: number; bad: unknown[] } {
  const program = fileURLToPath(new URL("hostileSession.ts", import.meta.url));
  const { stdout } = Bun.spawnSync([process.execPath, program, kind], { timeout: TOTAL });
  const lines = stdout.toString().trim().split("\n");
  const verdicts = new Map<string, [string, string, string?, number?]>();
  for (const line of lines) {
    const [name, ...verdict] = JSON.parse(line);
    verdicts.set(name, verdict);
  }
  const refused = (verdict: string | undefined) =>
    verdict !== undefined &&
    !["accepted", "untyped", "no verdict"].includes(verdict) &&
    !verdict.startsWith("thrown");
  const bad = [...verdicts].filter(([, [segment, chain, ms]]) => {
    return !refused(segment) || !refused(chain) || Number(ms) > PATIENCE;
  });
  return { count: verdicts.size, bad };
}

describe("a hostile session", () => {
  for (const [kind, what] of [
    ["rest", "with a field that is not what it was"],
    ["profile", "with a profile's field that is not what it was"],
    ["sampler", "with a sampler's field that is not what it was"],
    ["huge", "with huge but well-formed sizes"],
  ])
    test(`${what} is refused in time, and nothing is thrown`, () => {
      const { count, bad } = misjudged(kind);
      console.log(`${kind}: ${count} sessions`);
      expect(bad).toEqual([]);
      expect(count).toBeGreaterThan(5);
    }, 240000);
});
