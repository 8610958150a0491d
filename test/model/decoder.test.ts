import { describe, expect, test } from "bun:test";
import { blake3 } from "@noble/hashes/blake3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { createKernels } from "../../src/kernels/createKernels.ts";
import { divideMix, requant } from "../../src/model/arithmetic.ts";
import { Attention, emptyContext } from "../../src/model/attention.ts";
import { checkBounds } from "../../src/model/checkBounds.ts";
import { ACTIVATION_LIMIT } from "../../src/model/config.ts";
import { Decoder } from "../../src/model/decoder.ts";
import type { IntegerModel } from "../../src/model/integerModel.ts";
import { FINAL_EVENTS, LAYER_EVENTS, type Sink } from "../../src/model/sink.ts";
import { BIASES } from "../../src/model/options.ts";
import { GPT2, QWEN2, randomNumbers, tinyModel } from "./tinyModel.ts";

/** Every event of a few steps on arbitrary tokens, in order. */
function record(
  model: IntegerModel,
  decoder: Decoder,
  steps: number,
): { name: string; layer: number; values: number[] }[] {
  const random = randomNumbers(7);
  const events: { name: string; layer: number; values: number[] }[] = [];
  const sink: Sink = (name, layer, values) => events.push({ name, layer, values: [...values] });
  for (let i = 0; i < steps; i++) decoder.step(Math.floor(random() * model.config.vocab), sink);
  return events;
}

const SHAPES = [
  {},
  { dim: 24, hidden: 20, heads: 3, kvHeads: 3, layers: 3, vocab: 11, capacity: 8 },
  { dim: 64, hidden: 172, heads: 8, kvHeads: 4, vocab: 50, capacity: 32 },
  { dim: 256, hidden: 300, heads: 8, kvHeads: 2, layers: 1, vocab: 33, capacity: 8 },
  { dim: 24, hidden: 20, heads: 3, vocab: 11, capacity: 8, ...GPT2 },
  { ...QWEN2, biases: BIASES },
];

describe("Decoder", () => {
  test.each(SHAPES)("gives the same bits with kernels: %p", (shape) => {
    const model = tinyModel(shape);
    const scalar = record(model, new Decoder(model), model.config.capacity);
    for (const kernels of [createKernels({ scalar: true }), createKernels()]) {
      const events = record(model, new Decoder(model, kernels), model.config.capacity);
      expect(Bun.deepEquals(events, scalar)).toBe(true);
    }
  });

  // Frozen; every event behind it was recomputed from docs/semantics.md by an independent program.
  test.each([
    ["Llama's kind", {}, "ab4ba9482a00a3661967c22828593e6c8228e9cb3054bb24bd86f509d0d3577e"],
    ["Qwen2's kind", QWEN2, "b5640c56ac1f517615e99169bd98a85011c39a57d9deba43639ce1a86c9ee919"],
    ["GPT-2's kind", GPT2, "ba69799acd01a9f45a5e101c792387ee33707e0f896c37604ac9eaa3eecc80e4"],
    [
      "a gate and all biases",
      { biases: BIASES },
      "9228d935165e5e6f2ae2926f4c081ad98b12a6070168704449e554c2a1d74a55",
    ],
  ])("gives what it always gave, %s", (_, options, digest) => {
    const model = tinyModel(options);
    const hash = blake3.create();
    for (const { values } of record(model, new Decoder(model), 16)) {
      hash.update(new Uint8Array(Int32Array.from(values).buffer));
    }
    expect(bytesToHex(hash.digest())).toBe(digest);
  });

  test("survives growth of the kernels' memory", () => {
    const model = tinyModel();
    const memory = createKernels();
    const decoder = new Decoder(model, memory);
    const first = decoder.step(1);
    memory.arena.memory.grow(1);
    decoder.rewind(0);
    expect(decoder.step(1)).toBe(first);
  });

  test("reports no event of what the model lacks", () => {
    const model = tinyModel(GPT2);
    const events = record(model, new Decoder(model), 1).filter(({ layer }) => layer === 0);
    const lacking = ["xq", "xk", "rotQ", "rotK", "accUp", "up", "accProd", "prod"];
    expect(events.map(({ name }): string => name)).toEqual(
      LAYER_EVENTS.filter((name) => !lacking.includes(name)),
    );
  });

  test("reports every event once, in order, with its shape", () => {
    const model = tinyModel();
    const { dim, heads, kvHeads, headDim, capacity, hidden, vocab, layers } = model.config;
    const events = record(model, new Decoder(model), 1);
    const names = Array.from({ length: layers }, (_, layer) =>
      LAYER_EVENTS.map((name) => `${name} ${layer}`),
    ).flat();
    expect(events.map(({ name, layer }) => `${name} ${layer}`)).toEqual([
      ...names,
      ...FINAL_EVENTS.map((name) => `${name} -1`),
    ]);
    const length = Object.fromEntries(events.map(({ name, values }) => [name, values.length]));
    expect(length).toMatchObject({
      h: dim,
      rotQ: heads * headDim,
      k: kvHeads * headDim,
      scores: heads * capacity,
      max: heads,
      prod: hidden,
      logits: vocab,
    });
  });

  test("layers hand on their residual, and every relation holds", () => {
    const model = tinyModel();
    const {
      shifts,
      scoreShift,
      config: { heads, capacity, headDim, layers },
    } = model;
    const all = record(model, new Decoder(model), 5);
    const perStep = all.length / 5;
    for (let position = 0; position < 5; position++) {
      const step = all.slice(position * perStep, (position + 1) * perStep);
      const value = (name: string, layer: number) =>
        step.find((event) => event.name === name && event.layer === layer)!.values;
      for (let layer = 0; layer < layers; layer++) {
        if (layer > 0) expect(value("h", layer)).toEqual(value("out", layer - 1));
        expect(value("xq", layer)).toEqual(value("accQ", layer).map((acc) => requant(acc, shifts.q)));
        const [scores, max, u, e] = ["scores", "max", "u", "e"].map((name) => value(name, layer)) as [
          number[],
          number[],
          number[],
          number[],
        ];
        for (let head = 0; head < heads; head++) {
          let sum = 0;
          for (let j = 0; j < capacity; j++) {
            const at = head * capacity + j;
            const hi = Math.floor(scores[at]! / 2 ** scoreShift);
            expect(u[at]).toBe(j <= position ? max[head]! - hi : 65535);
            expect(e[at]).toBe(j <= position ? model.tables.exp[u[at]!]! : 0);
            sum += e[at]!;
          }
          expect(value("sumE", layer)[head]).toBe(sum);
          for (let c = 0; c < headDim; c++) {
            expect(value("o", layer)[head * headDim + c]).toBe(
              divideMix(value("mix", layer)[head * headDim + c]!, sum),
            );
          }
        }
      }
    }
  });

  test("rewinding forgets", () => {
    const model = tinyModel();
    const decoder = new Decoder(model);
    for (const token of [1, 2, 3]) decoder.step(token);
    decoder.rewind(1);
    decoder.step(5);
    const other = new Decoder(model);
    other.step(1);
    other.step(5);
    expect(decoder.position).toBe(2);
    expect(decoder.logits).toEqual(other.logits);
    expect(() => decoder.rewind(3)).toThrow("expected a position in [0, 2], found 3");
  });

  test("refuses bad tokens and a full context", () => {
    const model = tinyModel();
    const decoder = new Decoder(model);
    for (const token of [-1, 16, 0.5, Number.NaN])
      expect(() => decoder.step(token)).toThrow("expected a token in [0, 16)");
    for (let i = 0; i < model.config.capacity; i++) decoder.step(0);
    expect(() => decoder.step(0)).toThrow("expected a position below the capacity 16, found 16");
  });

  test("activations of the tiny model vary and some saturate", () => {
    const model = tinyModel();
    const events = record(model, new Decoder(model), 16);
    for (const name of ["xn", "q", "k", "v", "o", "a", "prod", "xm"]) {
      const values = events.filter((event) => event.name === name).flatMap((event) => event.values);
      const saturated = values.filter((value) => Math.abs(value) === 2047).length / values.length;
      expect(new Set(values).size).toBeGreaterThan(40);
      expect(saturated).toBeLessThan(0.4);
    }
  });
});

describe("a step whose values leave their ranges is refused", () => {
  const decode = (model: IntegerModel) => {
    const decoder = new Decoder(model);
    for (let token = 0; token < model.config.capacity; token++) decoder.step(token);
  };
  const model = tinyModel();

  test.each([
    ["q", "q"],
    ["k", "k"],
    ["v", "v"],
    ["gate", "gate"],
    ["up", "up"],
    ["prod", "prod"],
    ["o", "mid"],
    ["down", "out"],
  ])("shift %s too small", (shift, name) => {
    const changed = { ...model, shifts: { ...model.shifts, [shift]: 1 } };
    checkBounds(changed); // its accumulators are small enough all the same
    expect(() => decode(changed)).toThrow(
      new RegExp(`expected ${name} in layer \\d to stay within ±\\d+, found`),
    );
  });

  test.each(["q", "k", "gate"])("shift %s too small, without rotation and gate", (shift) => {
    const other = tinyModel(GPT2);
    const changed = { ...other, shifts: { ...other.shifts, [shift]: 1 } };
    checkBounds(changed);
    expect(() => decode(changed)).toThrow(new RegExp(`expected ${shift} in layer \\d to stay within ±32767`));
  });

  test("scores too fine", () => {
    const changed = { ...model, scoreShift: 1 };
    checkBounds(changed);
    expect(() => decode(changed)).toThrow("expected scores of 16 bits, found");
  });

  test("scores too fine, and all of them negative", () => {
    const { heads, headDim } = model.config;
    const attention = new Attention({ ...model, scoreShift: 1 });
    const context = emptyContext(model);
    context.keys.fill(-ACTIVATION_LIMIT);
    // below the least max, but within 2^16 of it
    for (const least of [-32769, -50000]) {
      const q = new Int32Array(heads * headDim).fill(Math.ceil((-2 * least) / (headDim * ACTIVATION_LIMIT)));
      expect(() => attention.attend(q, context, 0, 0)).toThrow("expected scores of 16 bits, found -");
    }
  });
});
