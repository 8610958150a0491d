import { describe, expect, test } from "bun:test";
import type { Tensor } from "../../src/air/air.ts";
import { publicInputs } from "../../src/decode/publicInputs.ts";
import { decodeRules } from "../../src/decode/rules.ts";
import { eBase, type Ext } from "../../src/field/ext.ts";
import { fromInteger } from "../../src/field/m31.ts";
import { extArithmetic } from "../../src/hash/extArithmetic.ts";
import { derivePoint } from "../../src/hash/transcript.ts";
import { evaluate } from "../../src/poly/evaluate.ts";
import { samplingTable } from "../../src/model/sampler.ts";
import { GPT2, tinyModel } from "../model/tinyModel.ts";

/** Statements that differ in everything the public tensors depend on. */
const statements = [
  { position: 0, tokens: [1, 2, 3, 4], nextToken: 5, promptLength: 2 },
  { position: 4, tokens: [7, 8], nextToken: 12, promptLength: 3 },
  { position: 8, tokens: [9, 10, 11, 1], nextToken: 0xffffffff, promptLength: 14 },
].map((statement) => ({ ...statement, seed: 77 }));

const logSegment = 2;
const model = tinyModel({ vocab: 13, layers: 3 });
const sampling = samplingTable({ temperature: 60, minP: 0.1, logitScale: model.scales.logit }, 13);

describe.each([
  ["greedy", decodeRules(model, logSegment)],
  ["sampled", decodeRules(model, logSegment, sampling)],
  ["GPT-2's kind, greedy", decodeRules(tinyModel({ vocab: 13, layers: 3, ...GPT2 }), logSegment)],
])("public tensors, %s choice", (_, air) => {
  const publics = [...air.tensors.values()].filter(({ source }) => source.kind === "public");
  const { b, v } = air.axes;

  for (const tensor of publics)
    test(`${tensor.name}: the formula is the extension of the values`, () => {
      for (const statement of statements)
        expect(formula(tensor, statement)).toEqual(extension(tensor, statement));
    });

  /** The tensor's values, evaluated as a multilinear polynomial. */
  function extension(tensor: Tensor, statement: (typeof statements)[number]): Ext {
    const values = definition(tensor).values(publicInputs(statement, logSegment, b, v));
    expect(values.length).toBe(2 ** tensor.logSize);
    return evaluate(
      extArithmetic,
      Array.from(values, (x) => eBase(fromInteger(x))),
      pointOf(tensor),
    );
  }

  function formula(tensor: Tensor, statement: (typeof statements)[number]): Ext {
    const inputs = Object.fromEntries(
      Object.entries(publicInputs(statement, logSegment, b, v)).map(([name, bits]) => [
        name,
        bits.map(eBase),
      ]),
    );
    return definition(tensor).evaluate(extArithmetic, inputs, pointOf(tensor));
  }

  function definition({ source }: Tensor) {
    if (source.kind !== "public") throw new Error("expected a public tensor");
    return source.definition;
  }

  function pointOf({ name, logSize }: Tensor): Ext[] {
    return derivePoint(`test ${name}`, [1], logSize);
  }
});
