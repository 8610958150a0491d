import { describe, expect, test } from "bun:test";
import { clamp, clamp16, divideMix, requant, residual } from "../../src/model/arithmetic.ts";

describe("requant", () => {
  test("rounds halves upwards, also below zero", () => {
    expect([7, 8, 9, 23, 24, 25].map((acc) => requant(acc, 4))).toEqual([0, 1, 1, 1, 2, 2]);
    expect([-7, -8, -9, -24, -25].map((acc) => requant(acc, 4) + 0)).toEqual([0, 0, -1, -1, -2]);
  });

  test("acc = q·2^s + r − 2^(s−1) with 0 ≤ r < 2^s", () => {
    for (const s of [1, 5, 11, 15]) {
      for (let acc = -3 * 2 ** s; acc <= 3 * 2 ** s; acc += Math.max(1, 2 ** (s - 4) - 1)) {
        const r = acc + 2 ** (s - 1) - requant(acc, s) * 2 ** s;
        expect(r >= 0 && r < 2 ** s).toBe(true);
      }
    }
  });

  test("is exact where 32-bit arithmetic is not", () => {
    expect(requant(2 ** 29 - 1, 1)).toBe(2 ** 28);
    expect(requant(-(2 ** 40) - 1, 1)).toBe(-(2 ** 39));
  });
});

test("clamps saturate at ±2047 and at signed 16-bit", () => {
  expect([2046, 2047, 2048, -2047, -2048].map(clamp)).toEqual([2046, 2047, 2047, -2047, -2047]);
  expect([32767, 32768, -32768, -32769].map(clamp16)).toEqual([32767, 32767, -32768, -32768]);
});

test("the residual update rounds once", () => {
  expect(residual(100, 2 ** 11, 12)).toBe(101);
  expect(residual(100, 2 ** 11 - 1, 12)).toBe(100);
  expect(residual(-100, -(2 ** 11), 12)).toBe(-100);
  expect(residual(-100, -(2 ** 11) - 1, 12)).toBe(-101);
  expect(residual(32767, 2 ** 27 - 1, 12)).toBe(65535);
});

test("the mix is divided towards −∞", () => {
  // Z = 100: Zs = 13, so floor((N + 52) / 104)
  expect([51, 52, 155, 156, -52, -53, -156, -157].map((n) => divideMix(n, 100))).toEqual([
    0, 1, 1, 2, 0, -1, -1, -2,
  ]);
});
