import { describe, expect, test } from "bun:test";
import { blake3 } from "@noble/hashes/blake3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { normProductBound } from "../../src/model/checkBounds.ts";
import { meanShiftFor, normBitsFor } from "../../src/model/config.ts";
import { cosSin, exp, log } from "../../src/model/elementary.ts";
import { rotaryFrequencies } from "../../src/model/rotary.ts";
import { activationTable, expTable, ropeTables, rsqrtTable } from "../../src/model/tables.ts";

const digest = (table: Uint16Array | Int16Array | Uint32Array) =>
  bytesToHex(blake3(new Uint8Array(table.buffer, table.byteOffset, table.byteLength))).slice(0, 16);

// Frozen: the model id covers the tables, so they must never change, on any engine.
test("tables are what they always were", () => {
  const rope = ropeTables(256, rotaryFrequencies(32, 10000));
  expect({
    exp: digest(expTable(2047, 0.0275)),
    silu: digest(activationTable("silu", 543, 339)),
    gelu: digest(activationTable("gelu", 543, 339)),
    rsqrt: digest(rsqrtTable(16)),
    cos: digest(rope.cos),
    sin: digest(rope.sin),
  }).toEqual({
    exp: "b69a060394d5633f",
    silu: "5e18041a6fbc8f2d",
    gelu: "68bbcefae2fbec97",
    rsqrt: "8c9895fae6811da2",
    cos: "728717f3e4b131fb",
    sin: "35cc25048f20253d",
  });
});

describe("elementary functions", () => {
  test("exp agrees with Math.exp", () => {
    for (let x = -600; x <= 600; x += 1.37) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(2 ** -40);
    expect(exp(-701)).toBe(0);
  });

  test("log agrees with Math.log", () => {
    for (const n of [1, 2, 3, 512, 10000]) expect(Math.abs(log(n) - Math.log(n))).toBeLessThan(1e-13);
  });

  test("cosSin agrees with Math.cos and Math.sin", () => {
    for (let x = 0; x < 20000; x += 17.31) {
      const [c, s] = cosSin(x);
      expect(Math.abs(c - Math.cos(x)) + Math.abs(s - Math.sin(x))).toBeLessThan(2 ** -30);
    }
  });
});

test("exp falls from E to 0, silu saturates, R[0] = R[1]", () => {
  const table = expTable(2047, 0.01);
  expect([table[0], table[65535]]).toEqual([2047, 0]);
  const silu = activationTable("silu", 1024, 512);
  expect([silu[32768], silu[32768 + 32767], silu[32768 + 1024]]).toEqual([0, 2047, 374]);
  const rsqrt = rsqrtTable(16);
  expect([rsqrt[0], rsqrt[1], rsqrt[4], rsqrt[65535]]).toEqual([65536, 65536, 32768, 256]);
});

test("every entry of cos, sin and exp is what Math would give", () => {
  const { cos, sin } = ropeTables(256, rotaryFrequencies(32, 10000));
  for (let position = 0; position < 256; position++) {
    for (let pair = 0; pair < 16; pair++) {
      const angle = position * 10000 ** (-pair / 16);
      expect(cos[position * 16 + pair]).toBe(Math.round(8192 * Math.cos(angle)));
      expect(sin[position * 16 + pair]).toBe(Math.round(8192 * Math.sin(angle)));
    }
  }
  expTable(2047, 1 / 300).forEach((e, u) => void expect(e).toBe(Math.round(2047 * Math.exp(-u / 300))));
});

test("the norm's product stays below 2^29 for every allowed B, and not for the next", () => {
  expect(normBitsFor(256)).toEqual([15, 16, 17]);
  for (const dim of [1, 256, 257, 576, 1024, 2048, 4096]) {
    const shift = meanShiftFor(dim);
    const [, , most] = normBitsFor(dim);
    expect(dim * 2 ** 30).toBeLessThanOrEqual(2 ** (30 + shift));
    expect(normProductBound(shift, rsqrtTable(most))).toBeLessThan(2 ** 29);
    expect(normProductBound(shift, rsqrtTable(most + 1))).toBeGreaterThan(2 ** 29);
  }
});
