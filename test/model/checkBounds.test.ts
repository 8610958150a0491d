import { describe, expect, test } from "bun:test";
import { checkBounds } from "../../src/model/checkBounds.ts";
import type { IntegerModel, Weights } from "../../src/model/integerModel.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { BIASES, type BiasName } from "../../src/model/options.ts";
import { GPT2, tinyModel } from "./tinyModel.ts";

/** The tiny model with the last rows of one matrix at 32767. */
function withHugeRow(name: keyof Weights): IntegerModel {
  const model = tinyModel({ dim: 16 });
  const weights = { ...model.weights, [name]: model.weights[name].slice() };
  weights[name].fill(32767, weights[name].length - 32);
  return { ...model, weights };
}

describe("checkBounds", () => {
  test("lists the bounds of a valid model", () => {
    for (const { found, limit } of checkBounds(tinyModel())) expect(found).toBeLessThan(limit);
  });

  test.each(["wq", "wk", "wv", "wo", "gate", "up", "down"] as const)(
    "refuses too large weights in %s, naming the layer",
    (name) => {
      expect(() => checkBounds(withHugeRow(name))).toThrow(
        new RegExp(`of ${name} in layer 1 to stay below \\d+, found \\d+`),
      );
    },
  );

  test("refuses too large logits", () => {
    expect(() => checkBounds(withHugeRow("head"))).toThrow("|logit| to stay below 536870912");
  });

  test.each([
    ["bq", "|acc| of wq in layer 1"],
    ["bo", "|acc| of wo in layer 1"],
    ["bGate", "|acc| of gate in layer 1"],
    ["bDown", "|acc| of down in layer 1"],
    ["bHead", "|logit|"],
  ] as [BiasName, string][])("refuses a too large %s, together with its products", (name, what) => {
    const model = tinyModel(GPT2);
    const bias = model.biases[name].slice();
    bias[bias.length - 1] = -(2 ** 29) + 1; // below the limit by itself
    const changed = { ...model, biases: { ...model.biases, [name]: bias } };
    expect(() => checkBounds(changed)).toThrow(`expected ${what} to stay below 536870912`);
  });

  test("refuses embeddings and positions that together exceed 16 bits, if only in one channel", () => {
    const model = tinyModel(GPT2);
    const positions = model.weights.positions.slice();
    positions[9] = 32767;
    expect(() => checkBounds({ ...model, weights: { ...model.weights, positions } })).toThrow(
      "expected |embedded| to stay below 32768",
    );
  });

  test("refuses a bias of up without a gate", () => {
    const model = tinyModel(GPT2);
    const config: ModelConfig = { ...model.config, biases: ["bq", "bUp"] };
    expect(() => checkBounds({ ...model, config })).toThrow(
      "biases to be some of bq, bk, bv, bo, bGate, bDown, bHead, in this order, found bq,bUp",
    );
  });

  test.each([
    [{ shifts: { ...tinyModel().shifts, o: 13 } }, "shift o to be an integer in [1, 12], found 13"],
    [{ shifts: { ...tinyModel().shifts, prod: 15 } }, "shift prod to be an integer in [1, 14], found 15"],
    [{ shifts: { ...tinyModel().shifts, up: 0 } }, "shift up to be an integer in [1, 14], found 0"],
    [{ config: { ...tinyModel().config, biases: BIASES } }, "the length of bq to be 16, found 0"],
    [
      { config: { ...tinyModel().config, biases: ["bk", "bq"] } as ModelConfig },
      "biases to be some of bq, bk, bv, bo, bGate, bUp, bDown, bHead, in this order, found bk,bq",
    ],
    [{ config: { ...tinyModel().config, activation: "gelu" } as ModelConfig }, "shift up to be 0, found 10"],
    [
      { config: { ...tinyModel().config, positions: "none" } as unknown as ModelConfig },
      "positions to be one of rotary, learned, found none",
    ],
    [{ normBits: 18 }, "normBits to be one of 15, 16, 17, found 18"],
    [{ expScale: 4094 }, "expScale to be 4095, found 4094"],
    [{ scoreShift: 10 }, "scoreShift to be an integer in [1, 9], found 10"],
    [{ coarser: [1] }, "the length of coarser to be 2, found 1"],
    [{ coarser: [0, 13] }, "coarser[1] to be an integer in [0, 12], found 13"],
    [{ coarser: [-1, 1] }, "coarser[0] to be an integer in [0, 12], found -1"],
    [{ coarser: [0, 0] }, "the largest of coarser to be at least 1, or coarser to be left out, found 0"],
    [
      { scales: { ...tinyModel().scales, activationLimit: 16384 } },
      "the activation limit to be in [2047, 16383], found 16384",
    ],
    [{ tables: tinyModel({ coarser: [1, 0] }).tables }, "to be within ±2047, found"],
    [{ config: { ...tinyModel().config, capacity: 12 } }, "capacity to be a power of two, found 12"],
    [{ config: { ...tinyModel().config, vocab: 17 } }, "the length of embedding to be 136, found 128"],
    [
      { tables: { ...tinyModel().tables, exp: tinyModel().tables.exp.map((e) => Math.max(e, 1)) } },
      "EXP[65535] to be 0, found 1",
    ],
    [
      { tables: { ...tinyModel().tables, cos: tinyModel().tables.cos.map((c) => c + 1) } },
      "cos[0] to be 8192, found 8193",
    ],
  ])("refuses %#", (change, message) => {
    expect(() => checkBounds({ ...tinyModel(), ...change })).toThrow(message);
  });
});
