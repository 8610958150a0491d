import { describe, expect, test } from "bun:test";
import { blake3 } from "@noble/hashes/blake3.js";
import { add, mul, sub } from "../../src/field/m31.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import { lineDomainPoint, lineDomainTwiddles } from "../../src/poly/lineDomain.ts";
import { randomWord } from "./twins.ts";

/** From the official BLAKE3 test vectors: byte i of the input is i mod 251. */
const OFFICIAL = {
  64: "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
  1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
};

function officialInput(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** f(x) = Σ_b v_b·Π π^i(x)^(b_i). */
function evaluate(v: Uint32Array, logSize: number, point: number): number {
  let sum = 0;
  for (let b = 0; b < v.length; b++) {
    let term = v[b] as number;
    let x = point;
    for (let i = 0; i < logSize; i++) {
      if ((b >>> i) & 1) term = mul(term, x);
      x = sub(mul(2, mul(x, x)), 1);
    }
    sum = add(sum, term);
  }
  return sum;
}

for (const scalar of [true, false])
  describe(`${scalar ? "scalar" : "wasm"} kernels`, () => {
    const { kernels, arena } = createKernels({ scalar });
    const hex = (ptr: number) => Buffer.from(new Uint8Array(arena.memory.buffer, ptr, 32)).toString("hex");

    test("the code evaluates at the points of the line domain", () => {
      for (const [logSize, logRate] of [
        [0, 2],
        [1, 1],
        [3, 2],
        [4, 0],
        [5, 1],
        [6, 3],
      ] as const) {
        const log = logSize + logRate;
        // A table of a larger domain serves.
        const twiddles = arena.alloc(2 ** (log + 1));
        arena.u32(twiddles, 2 ** (log + 1)).set(lineDomainTwiddles(log + 1));
        const src = arena.alloc(2 * 2 ** logSize);
        const dst = arena.alloc(2 * 2 ** log);
        const values = Uint32Array.from({ length: 2 * 2 ** logSize }, () => randomWord() >>> 2);
        arena.u32(src, values.length).set(values);
        kernels.encode(dst, src, 2, logSize, logRate, twiddles);
        const expected = [0, 1].flatMap((c) => {
          const v = values.subarray(c * 2 ** logSize, (c + 1) * 2 ** logSize);
          return Array.from({ length: 2 ** log }, (_, i) => evaluate(v, logSize, lineDomainPoint(i, log)));
        });
        expect([...arena.u32(dst, 2 * 2 ** log)]).toEqual(expected);
      }
    });

    test("nodes are BLAKE3 of 64 bytes", () => {
      const src = arena.alloc(16);
      const dst = arena.alloc(8);
      new Uint8Array(arena.memory.buffer, src, 64).set(officialInput(64));
      kernels.hashNodes(dst, src, 1);
      expect(hex(dst)).toBe(OFFICIAL[64]);
    });

    test("leaves are BLAKE3 of their rows", () => {
      const src = arena.alloc(256);
      const dst = arena.alloc(8);
      new Uint8Array(arena.memory.buffer, src, 1024).set(officialInput(1024));
      kernels.hashLeaves(dst, src, 256, 0);
      expect(hex(dst)).toBe(OFFICIAL[1024]);
      kernels.hashLeaves(dst, src, 16, 0);
      expect(hex(dst)).toBe(OFFICIAL[64]);
    });

    test("a nonce grinds the state", () => {
      const state = arena.alloc(8);
      new Uint8Array(arena.memory.buffer, state, 32).set(officialInput(32));
      const nonce = kernels.grind(state, 8, 0, 10000);
      const message = new Uint8Array(36);
      message.set(officialInput(32));
      new DataView(message.buffer).setUint32(32, nonce, true);
      expect(blake3(message)[0]).toBe(0);
    });
  });

test("threads share a memory", () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536, shared: true });
  const words = new Uint32Array(memory.buffer);
  const [value, dst] = [16384, 16400];
  words.set([1, 2, 3, 4, 5], value);
  for (const thread of [0, 15]) {
    wasmKernels(memory, thread).fill(4 * dst, 1, 1, 4 * value);
    expect([...words.subarray(dst, dst + 5)]).toEqual([1, 2, 3, 4, 5]);
  }
  expect(() => wasmKernels(memory, 16)).toThrow(RangeError);
});
