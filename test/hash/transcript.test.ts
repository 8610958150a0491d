import { describe, expect, test } from "bun:test";
import { blake3 } from "@noble/hashes/blake3.js";
import type { Ext } from "../../src/field/ext.ts";
import { P } from "../../src/field/m31.ts";
import { hashWords, keyedStream, labelWords } from "../../src/hash/blake3.ts";
import { derivePoint, Transcript } from "../../src/hash/transcript.ts";
import vectors from "../vectors/transcript.json";

/** The words' bytes, one by one: independent of the host's order. */
function bytes(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((w) => [w & 255, (w >>> 8) & 255, (w >>> 16) & 255, w >>> 24]));
}

function words(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset);
  return Array.from({ length: data.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

/** The stream of one fold, by definition. */
function stream(key: readonly number[], pending: readonly number[], count: number): number[] {
  return words(blake3(bytes(pending), { key: bytes(key), dkLen: 4 * count }));
}

function challenge(from: readonly number[]): Ext {
  const at = (i: number) =>
    Number((BigInt(from[2 * i] as number) + (BigInt(from[2 * i + 1] as number) << 32n)) % BigInt(P));
  return [at(0), at(1), at(2), at(3), at(4)];
}

const ZERO_KEY = [0, 0, 0, 0, 0, 0, 0, 0];

describe("BLAKE3 of words", () => {
  test("is BLAKE3 of their little-endian bytes", () => {
    expect(hashWords([])[0]).toBe(0xb94913af); // af1349b9…, the specification's first vector
    expect([...hashWords([1, 2 ** 31, 2 ** 32 - 1])]).toEqual(
      words(blake3(bytes([1, 2 ** 31, 2 ** 32 - 1]))),
    );
  });

  test("of every length around a block and a chunk, keyed or not, and extended", () => {
    const key = Array.from({ length: 8 }, (_, k) => (k * 0x9e3779b1) >>> 0);
    for (const count of [0, 1, 8, 9, 15, 16, 17, 31, 32, 33, 80, 128, 255, 256, 257, 300]) {
      const message = Array.from({ length: count }, (_, k) => ((k + 1) * 0x85ebca6b) >>> 0);
      expect([...hashWords(message)]).toEqual(words(blake3(bytes(message))));
      if (count > 256) continue;
      const next = keyedStream(Uint32Array.from(key), Uint32Array.from(message));
      expect([...next(), ...next(), ...next()]).toEqual(stream(key, message, 48));
    }
  });

  test("labels are length-prefixed", () => {
    expect([...labelWords("ood")]).toEqual([3, 0x00646f6f]);
    expect([...labelWords("")]).toEqual([0]);
  });
});

describe("transcript", () => {
  test("reads challenges and indices from one stream per fold", () => {
    const transcript = new Transcript("test");
    transcript.absorb([5, 6]);
    const first = stream(ZERO_KEY, [...labelWords("test"), 5, 6], 40);
    expect(transcript.sample()).toEqual(challenge(first));
    expect(transcript.sampleIndex(20)).toBe((first[10] as number) & 0xfffff);
    expect(transcript.sampleIndex(32)).toBe(first[11] as number);
    expect(transcript.sampleIndex(0)).toBe(0);
    expect(transcript.sample()).toEqual(challenge(first.slice(13)));
    expect([...transcript.grindingState()]).toEqual(first.slice(0, 8));
    transcript.absorb([7]);
    expect(transcript.sample()).toEqual(challenge(stream(first.slice(0, 8), [7], 16)));
  });

  test("folds a full chunk when the next word comes, not before", () => {
    const message = Array.from({ length: 300 }, (_, i) => i);
    const label = [...labelWords("test")];
    const full = new Transcript("test");
    full.absorb(message.slice(0, 256 - label.length));
    expect(full.sample()).toEqual(challenge(stream(ZERO_KEY, [...label, ...message].slice(0, 256), 16)));
    const more = new Transcript("test");
    more.absorb(message);
    const state = stream(ZERO_KEY, [...label, ...message].slice(0, 256), 8);
    expect(more.sample()).toEqual(challenge(stream(state, [...label, ...message].slice(256), 16)));
  });

  test("depends on the label and on every word", () => {
    const sampleOf = (label: string, data: number[]) => {
      const transcript = new Transcript(label);
      transcript.absorb(data);
      return transcript.sample().join();
    };
    const all = [
      sampleOf("a", []),
      sampleOf("b", []),
      sampleOf("a", [0]),
      sampleOf("a", [0, 0]),
      sampleOf("a", [1, 0]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("known answers", () => {
    const transcript = new Transcript(vectors.label);
    for (const { absorb, sample, index, state } of vectors.steps) {
      transcript.absorb(absorb);
      expect<readonly number[]>(transcript.sample()).toEqual(sample);
      expect(transcript.sampleIndex(vectors.logIndex)).toBe(index);
      expect([...transcript.grindingState()]).toEqual(state);
    }
    expect<readonly (readonly number[])[]>(derivePoint("ood", vectors.root, 3)).toEqual(vectors.contextPoint);
  });
});
