import { beforeAll, describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import type { Session } from "../../src/segment/statement.ts";
import { modelIdOf, verifyChain } from "../../src/segment/verify.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { type HonestRun, honestRun } from "./attacks.ts";

/** What the verifier of `hostileSession.ts` may take for two verdicts, in ms, and for all of them. */
const PATIENCE = 4000;
const TOTAL = 45000;

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
    ["huge", "with huge but well-formed sizes"],
  ])
    test(`${what} is refused in time, and nothing is thrown`, () => {
      const { count, bad } = misjudged(kind);
      console.log(`${kind}: ${count} sessions`);
      expect(bad).toEqual([]);
      expect(count).toBeGreaterThan(5);
    }, 60000);
});

// A digest is made of words: what is congruent modulo 2^32 has the same model id.
describe("a session with the honest model id", () => {
  let run: HonestRun;
  beforeAll(() => {
    run = honestRun(tinyModel());
  });

  test("but other parameters is refused", () => {
    const { session } = run;
    const { profile, fixed } = session;
    const [value, ...rest] = fixed.value;
    const congruent: Record<string, Session> = {
      "securityBits − 2^32": {
        ...session,
        profile: { ...profile, securityBits: profile.securityBits - 2 ** 32 },
      },
      "securityBits + 1/2": { ...session, profile: { ...profile, securityBits: profile.securityBits + 0.5 } },
      "queryGrinding − 2^32": {
        ...session,
        profile: { ...profile, queryGrinding: profile.queryGrinding - 2 ** 32 },
      },
      "the fixed value + 2^32": {
        ...session,
        fixed: { ...fixed, value: [value + 2 ** 32, ...rest] as unknown as typeof fixed.value },
      },
    };
    const proofs = run.segments.map(({ proof }) => proof);
    const found = Object.entries(congruent).map(([name, hostile]) => {
      const verdict = verifyChain(hostile, proofs, modelIdOf(session));
      return [name, verdict.ok ? "accepted" : verdict.check];
    });
    expect(found).toEqual(Object.keys(congruent).map((name) => [name, "session"]));
  });
});
