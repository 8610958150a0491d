import type { Session } from "../../src/segment/statement.ts";
import { modelIdOf, verifyChain, verifySegment } from "../../src/segment/verify.ts";
import { QWEN2, tinyModel } from "../model/tinyModel.ts";
import { attackedSampler } from "./attackedModel.ts";
import { honestRun, quickProfile } from "./attacks.ts";

/*
 * A program, so that a verifier that hangs can be killed: verifies an honest run under hostile sessions and
 * prints one JSON line for each, [session, before], then [session, verdicts, milliseconds].
 */

const sampler = process.argv[2] === "sampler" ? attackedSampler : undefined;
const { session, segments } = honestRun(tinyModel(QWEN2), {
  profile: { ...quickProfile, securityBits: 6 },
  sampler,
});
const proofs = segments.map(({ proof }) => proof);
const id = modelIdOf(session);

const values = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 24,
  2 ** 31,
  2 ** 53,
  "8",
  null,
  undefined,
  {},
  [],
];

/** Every session with one field replaced by something else. */
function* replaced(
  value: unknown,
  path: string,
  put: (value: unknown) => unknown,
): Generator<[string, Session]> {
  if (path === "session.profile.name") return; // a label
  const told = (found: unknown) =>
    typeof found === "number" ? String(found) : (JSON.stringify(found) ?? "undefined");
  // what is congruent modulo 2^32 has the same words, and so the same model id
  const congruent = typeof value === "number" ? [value - 2 ** 32, value + 2 ** 32, value + 0.5] : [];
  for (const found of [...values, ...congruent])
    if (found !== value) yield [`${path} = ${told(found)}`, put(found) as Session];
  if (Array.isArray(value)) {
    yield [`${path} shorter`, put(value.slice(1)) as Session];
    yield [`${path} longer`, put([...value, 1]) as Session];
  }
  if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value))
      yield* replaced(inner, `${path}.${key}`, (changed) =>
        put(Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }),
      );
}

/** Well-formed, but too large. */
function* huge(): Generator<[string, Session]> {
  const { description } = session;
  const all = 2 ** 24;
  for (const sizes of [
    { layers: 2 ** 10 },
    { layers: 2 ** 12 },
    { layers: all },
    { vocab: all },
    { hidden: all },
    { layers: all, hidden: all, vocab: all },
  ])
    yield [
      JSON.stringify(sizes),
      { ...session, description: { ...description, config: { ...description.config, ...sizes } } },
    ];
}

function verdictOf(
  verify: () => { readonly ok: boolean; readonly check?: unknown; readonly detail?: unknown },
): string {
  try {
    const verdict = verify();
    if (verdict.ok) return "accepted";
    return typeof verdict.check === "string" && typeof verdict.detail === "string"
      ? verdict.check
      : "untyped";
  } catch (error) {
    return `thrown: ${error}`;
  }
}

const kinds: Record<string, () => Generator<[string, Session]>> = {
  huge,
  rest: () => replaced(session, "session", (value) => value),
  sampler: () => replaced(session.sampler, "session.sampler", (found) => ({ ...session, sampler: found })),
  profile: () => replaced(session.profile, "session.profile", (profile) => ({ ...session, profile })),
};
for (const [name, hostile] of kinds[process.argv[2]]()) {
  if (process.argv[2] === "rest" && name.startsWith("session.profile.")) continue;
  console.log(JSON.stringify([name, "no verdict"]));
  const start = performance.now();
  const segment = verdictOf(() => verifySegment(hostile, proofs[2]));
  const chain = verdictOf(() => verifyChain(hostile, proofs, id));
  console.log(JSON.stringify([name, segment, chain, Math.round(performance.now() - start)]));
}
