import { beforeAll, describe, expect, test } from "bun:test";
import { P } from "../../src/field/m31.ts";
import { verifySegment } from "../../src/segment/verify.ts";
import { randomNumbers, tinyModel } from "../model/tinyModel.ts";
import { type HonestRun, honestRun, quickProfile, Report } from "./attacks.ts";

/** Edits of a valid proof, of all kinds together. */
const EDITS = 10500;
/** Nothing may take longer, in ms. */
const PATIENCE = 2000;

let run: HonestRun;
let proof: Uint8Array;
const random = randomNumbers(2024);
const below = (n: number) => Math.floor(random() * n);

beforeAll(() => {
  // Few queries: most of a proof is then what the verifier computes with, and verdicts come quickly.
  run = honestRun(tinyModel(), { profile: { ...quickProfile, securityBits: 6 } });
  proof = run.segments[2].proof;
});

/** The verdict's check; "none" if the bytes were accepted, "thrown" if there was no verdict. */
function checkOf(
  verify: () => { readonly ok: boolean; readonly check?: unknown; readonly detail?: unknown },
): string {
  const start = performance.now();
  let check: string;
  try {
    const verdict = verify();
    if (verdict.ok) check = "none";
    else
      check =
        typeof verdict.check === "string" && typeof verdict.detail === "string" ? verdict.check : "untyped";
  } catch (error) {
    check = `thrown: ${error}`;
  }
  expect(performance.now() - start).toBeLessThan(PATIENCE);
  return check;
}

const judge = (bytes: Uint8Array, session = run.session) => checkOf(() => verifySegment(session, bytes));

const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer).getUint32(4 * at, true);
function withWord(at: number, value: number): Uint8Array {
  const bytes = proof.slice();
  new DataView(bytes.buffer).setUint32(4 * at, value, true);
  return bytes;
}

/** Magic, version, two boundaries of 23 words, the number of tokens. */
const HEADER = 49;

const edits: Record<string, () => Uint8Array> = {
  truncated: () => proof.slice(0, below(proof.length)),
  "truncated to whole words": () => proof.slice(0, 4 * below(proof.length / 4)),
  "a bit flipped": () => {
    const bytes = proof.slice();
    bytes[below(bytes.length)] ^= 1 << below(8);
    return bytes;
  },
  "a bit of the header flipped": () => {
    const bytes = proof.slice();
    bytes[below(4 * HEADER)] ^= 1 << below(8);
    return bytes;
  },
  "several bits flipped": () => {
    const bytes = proof.slice();
    for (let k = 0; k < 2 + below(20); k++) bytes[below(bytes.length)] ^= 1 << below(8);
    return bytes;
  },
  "a word of choice": () => {
    const values = [0, 1, P - 1, P, P + 1, 2 ** 31, 2 ** 32 - 1];
    const at = below(proof.length / 4);
    const value = values[below(values.length)];
    return withWord(at, value === word(proof, at) ? value + 2 : value);
  },
  "words inserted": () => {
    const at = 4 * below(proof.length / 4);
    const extra = new Uint8Array(4 * (1 + below(8))).map(() => below(256));
    return Uint8Array.of(...proof.subarray(0, at), ...extra, ...proof.subarray(at));
  },
  "bytes inserted": () => {
    const at = below(proof.length);
    const extra = new Uint8Array(1 + below(7)).map(() => below(256));
    return Uint8Array.of(...proof.subarray(0, at), ...extra, ...proof.subarray(at));
  },
  "words deleted": () => {
    const at = 4 * below(proof.length / 4);
    return Uint8Array.of(...proof.subarray(0, at), ...proof.subarray(at + 4 * (1 + below(8))));
  },
  "words swapped": () => {
    const [a, b] = [below(proof.length / 4), below(proof.length / 4)];
    const bytes = withWord(a, word(proof, b));
    new DataView(bytes.buffer).setUint32(4 * b, word(proof, a) === word(proof, b) ? 7 : word(proof, a), true);
    return bytes;
  },
  "another number of tokens": () => withWord(HEADER - 1, random() < 0.5 ? below(2 ** 32) : 3 + below(4)),
  appended: () => Uint8Array.of(...proof, ...new Uint8Array(4 * (1 + below(1000)))),
  "random after a valid beginning": () => {
    const from = below(proof.length);
    return proof.map((byte, k) => (k < from ? byte : below(256)));
  },
};

describe("hostile bytes", () => {
  test("edited proofs are rejected, each by a check", () => {
    expect(judge(proof)).toBe("none");
    const report = new Report(["edit", "check"]);
    const names = Object.keys(edits);
    const survivors: string[] = [];
    let slowest = 0;
    for (let k = 0; k < EDITS; k++) {
      const name = names[k % names.length];
      const bytes = edits[name]();
      const start = performance.now();
      const check = judge(bytes);
      slowest = Math.max(slowest, performance.now() - start);
      report.add(name, check.replace(/sumcheck.*/, "sumcheck/…").replace(/claim.*/, "claim/…"));
      if (check === "none" || check === "untyped" || check.startsWith("thrown"))
        survivors.push(`${name}: ${check}`);
    }
    console.log(
      `edits: ${report.size}, slowest verdict ${Math.ceil(slowest)} ms;`,
      report.counts(0),
      report.counts(1),
    );
    expect(survivors).toEqual([]);
  }, 240000);

  test("garbage is rejected by its format", () => {
    expect(judge(new Uint8Array())).toBe("proof format");
    for (let k = 0; k < 300; k++)
      expect(judge(new Uint8Array(below(4000)).map(() => below(256)))).toBe("proof format");
    const garbage = new Uint8Array(proof.length).map(() => below(256));
    garbage.set(proof.subarray(0, 8)); // magic and version
    expect(judge(garbage)).not.toBe("none");
  });

  test("views into larger buffers are read as they are", () => {
    const padded = new Uint8Array(proof.length + 3);
    padded.set(proof, 3);
    expect(judge(padded.subarray(3))).toBe("none");
  });
});
