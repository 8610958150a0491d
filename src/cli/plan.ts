import process from "node:process";
import { expScaleFor, normBitsFor, scoreShiftFor } from "../model/config.ts";
import { checkDescription, type ModelDescription } from "../model/description.ts";
import { LLAMA } from "../model/options.ts";
import { InputError, messageOf } from "../session/inputError.ts";
import { planSegment, type SegmentPlan } from "../segment/plan.ts";
import { profileFor } from "../segment/profileFor.ts";
import { loadModelFiles } from "./loadModelFiles.ts";
import { parsePlan } from "./options.ts";

/** Lengths of segments to compare when none is asked for. */
const SIZES = [8, 16, 32, 64, 128];

/** `starkstream plan`: what a model's segments cost, before anything is proven. */
export async function plan(args: readonly string[]): Promise<number> {
  const options = parsePlan(args);
  const model = options.shape ? describe(options.shape) : (await loadModelFiles(options)).model;
  const sizes = options.segment ? [options.segment] : SIZES.filter((size) => size <= model.config.capacity);
  const plans = sizes.map((size) => planSegment(profileFor(model), model, Math.log2(size)));
  process.stdout.write(
    options.json
      ? plans.map((found) => `${JSON.stringify({ type: "plan", ...found })}\n`).join("")
      : `${table(plans)}\n`,
  );
  return 0;
}

/** A model of the Llama family, of these sizes, with middling shifts, which move the cost by less than a percent. */
function describe(shape: Readonly<Record<string, number>>): ModelDescription {
  const { dim, hidden, layers, heads, kvHeads, vocab, capacity } = shape;
  const headDim = dim / heads;
  const description = {
    config: { dim, hidden, layers, heads, kvHeads, headDim, vocab, capacity, sequence: capacity, ...LLAMA },
    shifts: { q: 10, k: 10, v: 10, o: 12, gate: 10, up: 10, down: 12, prod: 11 },
    normBits: normBitsFor(dim)[1],
    expScale: expScaleFor(capacity),
    scoreShift: scoreShiftFor(headDim),
  };
  try {
    checkDescription(description);
  } catch (error) {
    throw new InputError(`--shape: ${messageOf(error)}`);
  }
  return description;
}

function table(plans: readonly SegmentPlan[]): string {
  const columns: Record<string, (plan: SegmentPlan) => string> = {
    "rows (T)": ({ rows }) => String(rows),
    cells: ({ cells }) => millions(cells),
    lookups: ({ lookups }) => millions(lookups),
    "context cells": ({ contextCells }) => millions(contextCells),
    "fixed cells": ({ fixedCells }) => millions(fixedCells),
    "proof, at most": ({ proofBytes }) => `${Math.round(proofBytes / 1024)} KiB`,
    "segment, expected": ({ seconds }) => `${seconds.toFixed(2)} s`,
    "tokens/s": ({ tokensPerSecond }) => tokensPerSecond.toFixed(1),
  };
  const lines = [
    Object.keys(columns),
    ...plans.map((found) => Object.values(columns).map((show) => show(found))),
  ];
  const widths = Object.keys(columns).map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  return lines.map((line) => line.map((text, k) => text.padStart(widths[k])).join("  ")).join("\n");
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`;
}
