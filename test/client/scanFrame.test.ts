import { describe, expect, test } from "bun:test";
import { Packr } from "msgpackr";
import { packFrame, unpackFrame } from "../../src/client/wire/frame.ts";
import { scanFrame } from "../../src/client/wire/scanFrame.ts";
import { WireError } from "../../src/client/wire/wireError.ts";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i & 255);
const values: object[] = [
  {},
  { a: null, b: true, c: false, d: "" },
  {
    numbers: [
      0,
      127,
      128,
      255,
      256,
      65535,
      65536,
      2 ** 32 - 1,
      2 ** 40,
      -1,
      -32,
      -33,
      -129,
      -40000,
      -(2 ** 31),
      1.5,
    ],
  },
  { texts: ["x".repeat(31), "x".repeat(32), "ä".repeat(200), "x".repeat(70_000)] },
  { bytes: [bytes(0), bytes(255), bytes(256), bytes(70_000)] },
  { many: Array.from({ length: 70_000 }, (_, i) => i & 1) },
  { deep: { er: { still: 1 } } },
];

describe("scanFrame", () => {
  for (const [i, value] of values.entries()) {
    test(`passes what is packed, and no part of it: ${i}`, () => {
      const frame = packFrame(value);
      expect(unpackFrame(frame, 2 ** 23)).toEqual(new Packr({ useRecords: false }).unpack(frame));
      for (let length = 0; length < frame.length; length += Math.ceil(frame.length / 500))
        expect(() => scanFrame(frame.subarray(0, length))).toThrow(WireError);
    });
  }

  test("any bytes: a value or a WireError", () => {
    let state = 1;
    for (let round = 0; round < 20_000; round++) {
      const frame = new Uint8Array(round % 40).map(() => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return state >>> 16;
      });
      try {
        unpackFrame(frame, 100);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }
  });

  test("entries that are not there cost nothing", () => {
    const claims = new Uint8Array(60_000);
    for (let at = 0; at < claims.length; at += 3) claims.set([0xdc, 0xff, 0xff], at);
    const start = performance.now();
    expect(() => unpackFrame(claims, 2 ** 16)).toThrow(WireError);
    expect(performance.now() - start).toBeLessThan(50);
  });
});
